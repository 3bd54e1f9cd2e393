import type { Middleware } from "koa";
import { invalidRequest } from "../errors.ts";
import { newStripeId } from "../ids.ts";
import { apiVersion } from "../version.ts";
import type { RequestState } from "./state.ts";

/** Gives every request its id and answers with the API version in use. */
export const requestId: Middleware<RequestState> = async (ctx, next) => {
  ctx.state.requestId = newStripeId("req");
  ctx.set("Request-Id", ctx.state.requestId);
  const version = ctx.get("Stripe-Version") || apiVersion;
  if (!/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version))
    throw invalidRequest(400, "invalid_api_version", `Invalid Stripe API version: ${version}`);
  ctx.set("Stripe-Version", version);
  await next();
};
