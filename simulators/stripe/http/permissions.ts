import type { Middleware } from "koa";
import { invalidRequest } from "../errors.ts";
import { mask } from "./authenticate.ts";
import type { RequestState } from "./state.ts";

/** What a restricted key may do (https://docs.stripe.com/keys#create-restricted-api-secret-key). */
export interface RestrictedKey {
  /** The secret key of the account that it is of. */
  of: string;
  /** `customer_read`, `payment_intent_write`, …; who may write may read. */
  permissions: readonly string[];
}

/** @param permissionOf the permission that a path asks for, before `_read` or `_write` */
export function checkPermission(
  keys: { readonly [apiKey: string]: RestrictedKey },
  permissionOf: (path: string) => string | undefined,
): Middleware<RequestState> {
  return async (ctx, next) => {
    const key = keys[ctx.state.apiKey];
    const name = permissionOf(ctx.path);
    if (!key || !name) return next();
    const needed = `${name}_${ctx.method === "GET" ? "read" : "write"}`;
    if (key.permissions.includes(needed) || key.permissions.includes(`${name}_write`)) return next();
    throw invalidRequest(
      403,
      undefined,
      `The provided key '${mask(ctx.state.apiKey)}' does not have the required permissions for this endpoint on account '${ctx.state.account.id}'. ` +
        `Having the 'rak_${needed}' permission would allow this request to continue.`,
    );
  };
}
