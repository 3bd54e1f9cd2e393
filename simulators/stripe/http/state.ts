import type { RouterContext } from "@koa/router";
import type { Account } from "../accounts.ts";
import type { RawParams } from "../params/raw.ts";

/** What the middleware before a route found out about the request. */
export interface RequestState {
  requestId: string;
  account: Account;
  /** The form body (POST) or the query (the rest), not yet checked. */
  params: RawParams;
}

export type StripeContext = RouterContext<RequestState>;
