import type { Json } from "../author/index.ts";

/** What a place of `webhooks` in plugin.json says of a delivery: a JSON Pointer (RFC 6901) into the body, or `header:<name>`. */
export function valueAt(
  place: string | undefined,
  { body, headers }: { body: Json; headers: { [name: string]: string } },
): string | undefined {
  if (place === undefined) return undefined;
  if (place.startsWith("header:")) return headers[place.slice("header:".length).toLowerCase()];
  let value: unknown = body;
  for (const token of place.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { [name: string]: unknown })[name];
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
