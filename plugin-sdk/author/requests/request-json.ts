import type { Json } from "../context.ts";
import { PluginError } from "../plugin-error.ts";
import { type ReadVendorError, vendorError } from "./vendor-error.ts";

/** How {@link requestJson} makes its request. */
export interface RequestJsonOptions {
  /** Default: `GET`, or `POST` with `json` or `body`. */
  method?: string;
  headers?: { [name: string]: string };
  /** Sent as JSON. */
  json?: unknown;
  /** Any other body, such as a `form`. */
  body?: string | URLSearchParams;
  /** Sent as `Idempotency-Key`; the host then repeats also a write that failed on the way. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal;
  /** Says more of the vendor's errors than their status does. */
  error?: ReadVendorError;
}

/**
 * Sends a request and answers the JSON of the reply; null for a reply without a body. You say what type it has, and the
 * host checks what you give out.
 *
 * @throws PluginError of the class that the status speaks for: 400, 422 `invalid-input`, 401 `unauthorized`, 403
 *   `forbidden`, 404, 410 `not-found`, 409, 412 `conflict`, 429 `rate-limited` with `Retry-After`, 408, 425, 5xx `vendor-unavailable`,
 *   others `vendor-error`; `vendor-error` also when the reply is no JSON
 * @example
 * const { customers } = await requestJson<{ customers: Customer[] }>(fetch, "https://api.example.com/customers");
 */
export async function requestJson<Reply = Json>(
  fetch: typeof globalThis.fetch,
  url: string,
  options: RequestJsonOptions = {},
): Promise<Reply> {
  const response = await sendRequest(fetch, url, options);
  return readJson<Reply>(response);
}

/**
 * As {@link requestJson}, for those who need the reply's headers: a reply that is a success, its body unread.
 *
 * @throws PluginError as requestJson does
 * @example
 * const response = await sendRequest(fetch, "https://api.example.com/items");
 * return { items: await readJson<Item[]>(response), total: Number(response.headers.get("x-total")) };
 */
export async function sendRequest(
  fetch: typeof globalThis.fetch,
  url: string,
  { method, headers, json, body, idempotencyKey, signal, error }: RequestJsonOptions = {},
): Promise<Response> {
  const content = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(url, {
    method: method ?? (content === undefined ? "GET" : "POST"),
    headers: {
      Accept: "application/json",
      ...(json !== undefined && { "Content-Type": "application/json" }),
      ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
      ...headers,
    },
    ...(content !== undefined && { body: content }),
    ...(signal && { signal }),
  });
  if (!response.ok) throw await vendorError(response, error);
  return response;
}

/**
 * The JSON of a reply; null when it has no body.
 *
 * @throws PluginError `vendor-error` when it is no JSON
 * @example
 * const items = await readJson<Item[]>(await sendRequest(fetch, "https://api.example.com/items"));
 */
export async function readJson<Reply = Json>(response: Response): Promise<Reply> {
  const text = await response.text();
  try {
    return (text === "" ? null : JSON.parse(text)) as Reply;
  } catch {
    throw new PluginError("vendor-error", "The vendor's reply is no JSON.", {
      details: { status: response.status },
    });
  }
}
