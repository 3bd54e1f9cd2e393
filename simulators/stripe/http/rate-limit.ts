import type { Middleware } from "koa";
import type { Account } from "../accounts.ts";
import { StripeApiError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** So many requests of an account in one second: https://docs.stripe.com/rate-limits */
export function limitRate(requestsPerSecond: number, nowMs: () => number): Middleware<RequestState> {
  const windows = new WeakMap<Account, { second: number; requests: number }>();
  return async (ctx, next) => {
    const second = Math.floor(nowMs() / 1000);
    const held = windows.get(ctx.state.account);
    const window = held?.second === second ? held : { second, requests: 0 };
    window.requests += 1;
    windows.set(ctx.state.account, window);
    if (window.requests > requestsPerSecond) throw rateLimited();
    await next();
  };
}

export const rateLimited = (): StripeApiError =>
  new StripeApiError(
    429,
    {
      type: "invalid_request_error",
      code: "rate_limit",
      doc_url: "https://stripe.com/docs/error-codes/rate-limit",
      message:
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
    },
    { "Stripe-Rate-Limited-Reason": "global-rate" },
  );
