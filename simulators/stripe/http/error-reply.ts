import type { Middleware } from "koa";
import { StripeApiError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** Answers every failure in Stripe's shape; an unexpected one is Stripe's 500. */
export const errorReply: Middleware<RequestState> = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const failure =
      error instanceof StripeApiError
        ? error
        : new StripeApiError(500, { type: "api_error", message: `The simulator failed: ${String(error)}` });
    ctx.status = failure.status;
    ctx.set(failure.headers);
    ctx.body = {
      error: {
        ...failure.body,
        request_log_url: `https://dashboard.stripe.com/test/logs/${ctx.state.requestId}`,
      },
    };
  }
};
