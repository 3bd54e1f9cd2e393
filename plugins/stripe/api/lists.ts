import { isRefusalOf } from "./errors.ts";
import type { Params, Stripe, StripeList } from "./stripe.ts";

/**
 * The page of a list after a record; where that was deleted meanwhile, the first page, as there is no other way to go on.
 * Whoever reads on knows what was there before.
 */
export async function pageAfter(
  stripe: Stripe,
  path: string,
  params: Params,
  after: string | undefined,
): Promise<StripeList> {
  try {
    return await stripe.get<StripeList>(path, { ...params, starting_after: after });
  } catch (error) {
    if (after === undefined || !isRefusalOf("starting_after", error)) throw error;
    return stripe.get<StripeList>(path, params);
  }
}
