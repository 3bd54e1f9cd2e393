import type { Middleware } from "koa";
import { invalidRequest, StripeApiError } from "../errors.ts";
import { rateLimited } from "./rate-limit.ts";
import type { RequestState } from "./state.ts";

/** What a request fails with, whatever it asks. */
export type Fault =
  | "rate_limit"
  /** Another request holds the record: https://docs.stripe.com/error-codes#lock-timeout */
  | "lock_timeout"
  | "api_error"
  | "unavailable"
  /** It is carried out, and its answer is lost. */
  | "cut_off";

/** Takes one fault for each request, in order. */
export function answerFaults(faults: Fault[]): Middleware<RequestState> {
  return async (ctx, next) => {
    const fault = faults.shift();
    if (fault === "cut_off") {
      await next();
      ctx.res.destroy();
    } else if (fault) throw failureOf(fault);
    else await next();
  };
}

function failureOf(fault: Exclude<Fault, "cut_off">): StripeApiError {
  if (fault === "rate_limit") return rateLimited();
  if (fault === "lock_timeout") {
    const { body } = invalidRequest(
      429,
      "lock_timeout",
      "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate. For more details, see https://stripe.com/docs/rate-limits#object-lock-timeouts.",
    );
    return new StripeApiError(429, body, { "Stripe-Should-Retry": "true" });
  }
  const message = "An unknown error occurred";
  return new StripeApiError(
    fault === "api_error" ? 500 : 503,
    { type: "api_error", message },
    { "Stripe-Should-Retry": "true" },
  );
}
