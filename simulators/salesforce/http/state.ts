import type { RouterContext } from "@koa/router";
import type { Session } from "../oauth/sessions.ts";
import type { Org } from "../orgs.ts";

/** What the middleware before a route found out about the request. */
export interface RequestState {
  body: string;
  org: Org;
  session: Session;
  /** `/services/data/v66.0` */
  base: string;
}

export type SalesforceContext = RouterContext<RequestState>;
