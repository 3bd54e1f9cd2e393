import type { Json } from "../manifest/index.ts";
import type { WebhookRequest } from "./webhook-request.ts";

/**
 * What a place of `webhooks` in plugin.json says of a request: a JSON Pointer (RFC 6901) into the body, `header:<name>` or
 * `query:<name>`. Undefined where there is no text or number.
 */
export function valueAt(
  place: string | undefined,
  request: Omit<WebhookRequest, "method">,
): string | undefined {
  const { body, headers, query } = request;
  if (place === undefined) return undefined;
  if (place.startsWith("header:")) return own(headers, place.slice("header:".length).toLowerCase());
  if (place.startsWith("query:")) return own(query, place.slice("query:".length));
  let value: Json | undefined = body;
  for (const token of place.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { [name: string]: Json })[name];
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function own(values: { readonly [name: string]: string }, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
