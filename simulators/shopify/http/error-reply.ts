import type { Middleware } from "koa";
import { ShopifyHttpError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** Answers every failure in Shopify's shape; an unexpected one is Shopify's 500. */
export const errorReply: Middleware<RequestState> = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const failure =
      error instanceof ShopifyHttpError
        ? error
        : new ShopifyHttpError(500, `The simulator failed: ${String(error)}`);
    ctx.status = failure.status;
    ctx.set(failure.headers);
    ctx.body = { errors: failure.errors };
  }
};
