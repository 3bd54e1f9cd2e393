import { createHash } from "node:crypto";
import type { Middleware } from "koa";
import { StripeApiError } from "../errors.ts";
import type { RequestState } from "./state.ts";

const maxKeyLength = 255;

/**
 * The same key with the same parameters gets the first reply again (https://docs.stripe.com/api/idempotent_requests).
 * A request that failed its checks is not kept: Stripe keeps replies only once the endpoint started executing.
 */
export const idempotency: Middleware<RequestState> = async (ctx, next) => {
  const key = ctx.get("Idempotency-Key");
  if (ctx.method !== "POST" || key === "") return next();
  if (key.length > maxKeyLength)
    throw refuse(`Idempotency keys must be at most ${maxKeyLength} characters; yours has ${key.length}.`);

  const { account, params, requestId } = ctx.state;
  const fingerprint = createHash("sha256").update(JSON.stringify(params)).digest("hex");
  ctx.set("Idempotency-Key", key);

  const stored = account.replies.get(key);
  if (!stored) {
    await next();
    ctx.set("Original-Request", requestId);
    account.replies.set(key, {
      endpoint: ctx.path,
      fingerprint,
      requestId,
      status: ctx.status,
      body: structuredClone(ctx.body),
    });
    return;
  }
  if (stored.endpoint !== ctx.path)
    throw refuse(
      `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${stored.endpoint}' vs '${ctx.path}'). ` +
        `Try using a key other than '${key}' if you meant to execute a different request.`,
    );
  if (stored.fingerprint !== fingerprint)
    throw refuse(
      "Keys for idempotent requests can only be used with the same parameters they were first used with. " +
        `Try using a key other than '${key}' if you meant to execute a different request.`,
    );
  ctx.set({ "Original-Request": stored.requestId, "Idempotent-Replayed": "true" });
  ctx.status = stored.status;
  ctx.body = stored.body;
};

function refuse(message: string): StripeApiError {
  return new StripeApiError(400, { type: "idempotency_error", message });
}
