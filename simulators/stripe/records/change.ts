type Metadata = { [key: string]: string };
type MetadataChange = { [key: string]: string | number | null } | null | "" | undefined;

/** Metadata is merged key by key: null removes one, or all of it (https://docs.stripe.com/api/metadata). */
export function mergeMetadata(before: Metadata, change: MetadataChange): Metadata {
  if (change === undefined) return before;
  if (change === null || change === "") return {};
  const merged = { ...before };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key];
    else merged[key] = String(value);
  }
  return merged;
}

/** What of the parameters is a field of the record under the same name. What is absent stays as it is. */
export function given<Record extends object, Field extends keyof Record>(
  params: object,
  ...fields: Field[]
): { [Name in Field]?: Record[Name] } {
  const entries = Object.entries(params).filter(([name]) => fields.some((field) => field === name));
  return Object.fromEntries(entries) as { [Name in Field]?: Record[Name] };
}

/** A reference may be expanded; what counts is the id. */
export function idOf(reference: string | { id: string } | null | undefined): string | null {
  if (reference === null || reference === undefined) return null;
  return typeof reference === "string" ? reference : reference.id;
}
