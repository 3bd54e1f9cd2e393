import type { RouterContext } from "@koa/router";
import type { Account } from "../accounts.ts";
import type { RawParams } from "../params/raw.ts";
import type { Call } from "../records/call.ts";

/** What the middleware before a route found out about the request. */
export interface RequestState {
  requestId: string;
  apiKey: string;
  account: Account;
  /** The form body (POST) or the query (the rest), not yet checked. */
  params: RawParams;
  call: Call;
}

export type StripeContext = RouterContext<RequestState>;
