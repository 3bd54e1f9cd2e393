import type { Middleware } from "koa";
import { ShopifyHttpError } from "../errors.ts";
import type { Shops } from "../shops.ts";
import type { RequestState } from "./state.ts";

const domainForm = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;

/** A client that knows the simulator by its address alone is in this shop. */
const ownDomain = "simulator.myshopify.com";

/** Finds the shop by the host's name. */
export function findShop(shops: Shops): Middleware<RequestState> {
  return async (ctx, next) => {
    const domain = domainForm.test(ctx.hostname) ? ctx.hostname : ownDomain;
    ctx.state.domain = domain;
    if (!shops.exists(domain)) throw new ShopifyHttpError(404, "Not Found");
    await next();
  };
}

/** Finds the app by its access token. */
export function enterShop(shops: Shops): Middleware<RequestState> {
  return async (ctx, next) => {
    const access = shops.enter(ctx.state.domain, ctx.get("X-Shopify-Access-Token"));
    if (!access)
      throw new ShopifyHttpError(
        401,
        "[API] Invalid API key or access token (unrecognized login or wrong password)",
        { "WWW-Authenticate": 'Basic Realm="Shopify API Authentication"' },
      );
    ctx.state.access = access;
    await next();
  };
}
