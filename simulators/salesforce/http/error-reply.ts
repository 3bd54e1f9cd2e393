import type { Middleware } from "koa";
import { SalesforceError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** Answers every failure as Salesforce does; an unexpected one is Salesforce's 500. */
export const errorReply: Middleware<RequestState> = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    const failure =
      error instanceof SalesforceError
        ? error
        : new SalesforceError(500, "UNKNOWN_EXCEPTION", `The simulator failed: ${String(error)}`);
    ctx.status = failure.status;
    if (failure.status === 401) ctx.set("WWW-Authenticate", "Token");
    ctx.body = failure.errors;
  }
};
