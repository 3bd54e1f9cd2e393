/** What records are looked for by, in Shopify's search syntax: https://shopify.dev/docs/api/usage/search-syntax */
export interface Wish {
  /** Fields that have to have this value; what is undefined is not asked for. */
  terms?: { [field: string]: string | number | boolean | undefined };
  /** Changed at this time or later, ISO 8601. */
  updatedSince?: string | null;
  createdSince?: string | null;
  /** Whatever else, as the caller wrote it. */
  query?: string | undefined;
}

/** Null, which is all records, where nothing is asked for. */
export function search({ terms = {}, updatedSince, createdSince, query }: Wish): string | null {
  const parts = [
    ...Object.entries(terms).flatMap(([field, value]) =>
      value === undefined ? [] : [`${field}:${quoted(String(value))}`],
    ),
    // Times as Shopify's own examples quote them. They are checked, and have no quotes in them.
    ...(updatedSince ? [`updated_at:>='${updatedSince}'`] : []),
    ...(createdSince ? [`created_at:>='${createdSince}'`] : []),
  ];
  // Alone it is sent as it is; beside others an OR in it must not reach out of it.
  if (query) parts.push(parts.length === 0 ? query : `(${query})`);
  return parts.length === 0 ? null : parts.join(" ");
}

/** One value, whatever stands in it. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
