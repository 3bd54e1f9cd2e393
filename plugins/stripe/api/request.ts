import { errorFrom } from "./errors.ts";
import { type FormValue, formEncode } from "./form.ts";

/** The API version that this plugin was written against: https://docs.stripe.com/changelog */
const stripeVersion = "2026-10-28.endive";
const apiUrl = "https://api.stripe.com/v1";

/** The part of the context that a request needs. The host adds the API key on the way out. */
interface RequestContext {
  fetch: typeof fetch;
}

/** @throws {PluginError} when Stripe refuses */
export async function getFromStripe<T>(
  context: RequestContext,
  path: string,
  params: { [name: string]: FormValue } = {},
): Promise<T> {
  const query = formEncode(params);
  return send<T>(context, query ? `${path}?${query}` : path, { method: "GET", headers: {} });
}

/**
 * @param idempotencyKey Stripe answers a second request with the same key with the first one's reply
 * @throws {PluginError} when Stripe refuses
 */
export async function postToStripe<T>(
  context: RequestContext,
  path: string,
  params: { [name: string]: FormValue },
  idempotencyKey: string,
): Promise<T> {
  return send<T>(context, path, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": idempotencyKey },
    body: formEncode(params),
  });
}

/** @throws {PluginError} when Stripe refuses */
export async function deleteAtStripe<T>(context: RequestContext, path: string): Promise<T> {
  return send<T>(context, path, { method: "DELETE", headers: {} });
}

async function send<T>(
  context: RequestContext,
  path: string,
  request: { method: "GET" | "POST" | "DELETE"; headers: Record<string, string>; body?: string },
): Promise<T> {
  const response = await context.fetch(`${apiUrl}${path}`, {
    ...request,
    headers: { ...request.headers, Accept: "application/json", "Stripe-Version": stripeVersion },
  });
  if (!response.ok) throw await errorFrom(response);
  return (await response.json()) as T;
}
