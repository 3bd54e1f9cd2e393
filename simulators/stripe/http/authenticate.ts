import type { Middleware } from "koa";
import type { FindAccount } from "../accounts.ts";
import { StripeApiError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** Takes the API key from `Authorization`: Bearer, or the user name of Basic (https://docs.stripe.com/api/authentication). */
export function authenticate(findAccount: FindAccount): Middleware<RequestState> {
  return async (ctx, next) => {
    const key = apiKeyOf(ctx.get("Authorization"));
    if (!key)
      throw unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, " +
          "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). " +
          "See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
      );
    const account = findAccount(key);
    if (!account) throw unauthorized(`Invalid API Key provided: ${mask(key)}`);
    ctx.state.account = account;
    ctx.state.apiKey = key;
    await next();
  };
}

function apiKeyOf(authorization: string): string | undefined {
  const [, scheme, value] = /^(Bearer|Basic)\s+(\S+)$/i.exec(authorization) ?? [];
  if (!scheme || !value) return undefined;
  if (scheme.toLowerCase() === "bearer") return value;
  return Buffer.from(value, "base64").toString("utf8").split(":")[0];
}

function unauthorized(message: string): StripeApiError {
  return new StripeApiError(
    401,
    { type: "invalid_request_error", message },
    { "WWW-Authenticate": 'Basic realm="Stripe"' },
  );
}

export function mask(key: string): string {
  const shown = /^[sr]k_test_/.test(key) ? 8 : 0;
  return key.slice(0, shown) + "*".repeat(Math.max(key.length - shown - 4, 0)) + key.slice(-4);
}
