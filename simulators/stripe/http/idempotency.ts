import { createHash } from "node:crypto";
import type { Middleware } from "koa";
import type { StoredReply } from "../accounts.ts";
import { StripeApiError } from "../errors.ts";
import type { RequestState } from "./state.ts";

const maxKeyLength = 255;

/**
 * The same key with the same parameters gets the first reply again (https://docs.stripe.com/api/idempotent_requests),
 * also where that was a declined card or a failure. A request that failed its checks is not kept: Stripe keeps replies
 * only once the endpoint started executing.
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
  if (stored) {
    replay(stored);
    return;
  }
  if (account.underWay.has(key))
    throw new StripeApiError(409, {
      type: "idempotency_error",
      code: "idempotency_key_in_use",
      message:
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through). Please try again later.",
    });
  account.underWay.add(key);
  const keep = (status: number, body: unknown) => {
    ctx.set("Original-Request", requestId);
    account.replies.set(key, {
      endpoint: ctx.path,
      fingerprint,
      requestId,
      status,
      body: structuredClone(body),
    });
  };
  try {
    await next();
    keep(ctx.status, ctx.body);
  } catch (error) {
    if (error instanceof StripeApiError && (error.status === 402 || error.status === 500))
      keep(error.status, { error: error.body });
    throw error;
  } finally {
    account.underWay.delete(key);
  }

  function replay(first: StoredReply): void {
    const other = `Try using a key other than '${key}' if you meant to execute a different request.`;
    if (first.endpoint !== ctx.path)
      throw refuse(
        `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${first.endpoint}' vs '${ctx.path}'). ${other}`,
      );
    if (first.fingerprint !== fingerprint)
      throw refuse(
        `Keys for idempotent requests can only be used with the same parameters they were first used with. ${other}`,
      );
    ctx.set({ "Original-Request": first.requestId, "Idempotent-Replayed": "true" });
    ctx.status = first.status;
    ctx.body = first.body;
  }
};

function refuse(message: string): StripeApiError {
  return new StripeApiError(400, { type: "idempotency_error", message });
}
