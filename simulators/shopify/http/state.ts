import type { RouterContext } from "@koa/router";
import type { Operation } from "../graphql/execute.ts";
import type { Access } from "../shops.ts";

/** What the middleware before a route found out about the request. */
export interface RequestState {
  requestId: string;
  /** `north.myshopify.com` */
  domain: string;
  access: Access;
  operation: Operation;
}

export type ShopifyContext = RouterContext<RequestState>;
