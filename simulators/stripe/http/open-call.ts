import type { Middleware } from "koa";
import type { Deliveries } from "../events/deliver.ts";
import { openCall } from "../records/call.ts";
import type { RequestState } from "./state.ts";

/** Opens the account's records for a request; what happened there goes to its webhook endpoints, also where it failed. */
export function openRecords(nowMs: () => number, deliveries: Deliveries): Middleware<RequestState> {
  return async (ctx, next) => {
    const { account, requestId: id } = ctx.state;
    const idempotencyKey = ctx.get("Idempotency-Key") || null;
    const call = openCall(account, { id, idempotencyKey, nowMs: nowMs() });
    ctx.state.call = call;
    try {
      await next();
    } finally {
      deliveries.send(account, call.events);
    }
  };
}
