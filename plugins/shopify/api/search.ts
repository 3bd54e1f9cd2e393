import { InvalidInputError } from "@plugboard/plugin-sdk";

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

/**
 * Null, which is all records, where nothing is asked for.
 *
 * @throws InvalidInputError where `query` would reach out of the parentheses that it is put in
 */
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
  if (query) parts.push(parts.length === 0 ? query : inParentheses(query));
  return parts.length === 0 ? null : parts.join(" ");
}

/** One value, whatever stands in it. */
function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function inParentheses(query: string): string {
  // An apostrophe may be a quotation mark, or stand in a name: the query has to keep inside in both readings.
  if (depthOf(query, `"`) === 0 && depthOf(query, `"'`) !== undefined) return `(${query})`;
  throw new InvalidInputError(
    "The query has a parenthesis or a quotation mark without its other half; close it, or escape it with \\.",
    { details: { pointer: "/query" } },
  );
}

/** How much is left open: parentheses, a quotation, an escape. Undefined where one is closed that was not open. */
function depthOf(query: string, quotes: string): number | undefined {
  let depth = 0;
  let quote = "";
  for (const [part] of query.matchAll(/\\.?|[^\\]/gsu)) {
    if (part === "\\") return depth + 1;
    if (quote !== "") quote = part === quote ? "" : quote;
    else if (quotes.includes(part)) quote = part;
    else if (part === "(") depth += 1;
    else if (part === ")" && --depth < 0) return undefined;
  }
  return quote === "" ? depth : depth + 1;
}
