import Router from "@koa/router";
import type { RequestState } from "../http/state.ts";
import { checkParams } from "../params/check.ts";
import { expandParams } from "./core/expand.ts";
import { balanceOf } from "./payments/balance-transaction.ts";

/** What there is one of: the account that the key belongs to, and its balance. */
export function accountRoutes(): Router<RequestState> {
  return new Router<RequestState>()
    .get("/v1/balance", (ctx) => {
      checkParams(ctx.state.params, expandParams);
      ctx.body = balanceOf(ctx.state.call);
    })
    .get("/v1/account", (ctx) => {
      checkParams(ctx.state.params, expandParams);
      ctx.body = {
        id: ctx.state.account.id,
        object: "account",
        business_type: null,
        charges_enabled: true,
        country: "US",
        default_currency: "usd",
        details_submitted: true,
        email: null,
        payouts_enabled: true,
        type: "standard",
      };
    });
}
