import type Router from "@koa/router";
import { ShopifyHttpError } from "../errors.ts";
import type { Grants } from "../oauth/grants.ts";
import type { Shops } from "../shops.ts";
import { readText } from "./read-text.ts";
import type { RequestState } from "./state.ts";

/** Where a merchant agrees to an app, and where the app gets its tokens. Behind `findShop`. */
export function addOAuthRoutes(router: Router<RequestState>, grants: Grants, shops: Shops): void {
  router.get("/admin/oauth/authorize", (ctx) => {
    const outcome = grants.authorize(ctx.state.domain, new URLSearchParams(ctx.querystring));
    if ("refusal" in outcome) throw new ShopifyHttpError(400, outcome.refusal);
    ctx.redirect(outcome.location);
  });
  router.post("/admin/oauth/access_token", async (ctx) => {
    const text = await readText(ctx.req);
    const isJson = ctx.is("json") !== false;
    const body = isJson ? parse(text) : Object.fromEntries(new URLSearchParams(text));
    const answer = grants.token(shops.open(ctx.state.domain), body);
    ctx.status = answer.status;
    ctx.body = answer.body;
  });
}

function parse(text: string): { [field: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Said below.
  }
  throw new ShopifyHttpError(400, "Bad Request");
}
