import type { FormValue } from "@plugboard/plugin-sdk";
import { isRefusalOf } from "./errors.ts";
import type { Stripe, StripeList, StripeRecord } from "./stripe.ts";

/** https://docs.stripe.com/api/events/object */
export interface StripeEvent {
  id: string;
  type: string;
  /** The version that `data` is written in; requests name ours, events have the account's or the endpoint's. */
  api_version: string | null;
  created: number;
  data: { object: StripeRecord };
}

const eventsPath = "/events";

/** The id of the newest event of these types; null when there was none in the last 30 days. */
export async function newestEvent(stripe: Stripe, types: readonly string[]): Promise<string | null> {
  const { data } = await stripe.get<StripeList<StripeEvent>>(eventsPath, { types, limit: 1 });
  return data[0]?.id ?? null;
}

/** Events after one of the same types, oldest first; undefined when Stripe has forgotten that one: it keeps 30 days. */
export async function eventsAfter(
  stripe: Stripe,
  o: { types: readonly FormValue[]; after: string; limit: number },
): Promise<{ events: StripeEvent[]; hasMore: boolean } | undefined> {
  try {
    const params = { types: o.types, ending_before: o.after, limit: o.limit };
    const page = await stripe.get<StripeList<StripeEvent>>(eventsPath, params);
    return { events: page.data.reverse(), hasMore: page.has_more };
  } catch (error) {
    if (isRefusalOf("ending_before", error)) return undefined;
    throw error;
  }
}
