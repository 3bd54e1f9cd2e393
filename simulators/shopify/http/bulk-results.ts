import type { Middleware } from "koa";
import { ShopifyHttpError } from "../errors.ts";
import type { Shops } from "../shops.ts";
import type { RequestState } from "./state.ts";

/** Where Shopify keeps the results of bulk queries: whoever has the whole address may read them. */
const storageHost = "storage.googleapis.com";

export function serveBulkResults(shops: Shops): Middleware<RequestState> {
  return async (ctx, next) => {
    if (ctx.hostname !== storageHost) return next();
    const name = /\/bulk-operation-outputs\/(\d+)\.jsonl$/.exec(ctx.path)?.[1];
    const operation = shops.bulkOperation(`gid://shopify/BulkOperation/${name}`, String(ctx.query.Signature));
    if (!operation) throw new ShopifyHttpError(403, "AccessDenied");
    ctx.type = "application/jsonl";
    ctx.body = operation.lines.join("\n");
  };
}
