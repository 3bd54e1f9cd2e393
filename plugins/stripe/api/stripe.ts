import { type FormValue, form, requestJson, withQuery } from "@plugboard/plugin-sdk";
import { stripeError } from "./errors.ts";

/** The API version that this plugin was written against: https://docs.stripe.com/changelog */
export const stripeVersion = "2026-10-28.endive";
const apiUrl = "https://api.stripe.com/v1";

export type Params = { [name: string]: FormValue };

/** Any record of Stripe's. */
export interface StripeRecord {
  id: string;
  object: string;
  deleted?: boolean;
  [field: string]: unknown;
}

export interface StripeList<Item = StripeRecord> {
  data: Item[];
  has_more: boolean;
  /** Of a search. */
  next_page?: string | null;
}

/** Requests to Stripe. The host adds the API key on the way out. All of them throw a PluginError where Stripe refuses. */
export interface Stripe {
  get<Reply = StripeRecord>(path: string, params?: Params): Promise<Reply>;
  /** Stripe answers a second request under the same key with the first one's reply. */
  post<Reply = StripeRecord>(path: string, params: Params, idempotencyKey: string): Promise<Reply>;
  delete<Reply = StripeRecord>(path: string, params?: Params): Promise<Reply>;
}

export function openStripe({
  fetch,
  signal,
}: {
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}): Stripe {
  const common = { headers: { "Stripe-Version": stripeVersion }, error: stripeError, signal };
  return {
    get: (path, params = {}) => requestJson(fetch, withQuery(`${apiUrl}${path}`, params), common),
    post: (path, params, idempotencyKey) =>
      requestJson(fetch, `${apiUrl}${path}`, {
        ...common,
        method: "POST",
        body: form(params),
        idempotencyKey,
      }),
    delete: (path, params = {}) =>
      requestJson(fetch, withQuery(`${apiUrl}${path}`, params), { ...common, method: "DELETE" }),
  };
}
