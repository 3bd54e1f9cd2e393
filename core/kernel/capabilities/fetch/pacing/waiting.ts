import { CapabilityError } from "../../errors.ts";
import type { Call } from "../call.ts";
import type { Clock } from "../clock.ts";
import { EgressLimitReached, type EgressLimits } from "../limits.ts";
import { createShares } from "../shares.ts";
import { costAt, type Place, type Waiter } from "./gate.ts";
import { queueShares, type Requester, wholeHost } from "./shares-of.ts";
import type { Slices } from "./slices.ts";
import type { Turnstile } from "./turnstile.ts";

/** Waits at gates: bounded in time and in number. */
export interface Waiting {
  /** @throws EgressLimitReached `fetch-queue-full`, `fetch-…-busy`, CapabilityError `fetch-rate-limited`, the call's reason */
  pass(
    places: readonly Place[],
    who: { requester: Requester; limits: EgressLimits; call: Call },
  ): Promise<void>;
  count(): number;
}

export function createWaiting(options: {
  clock: Clock;
  turnstile: Turnstile;
  slices: Slices;
  onWait: (pluginId: string, ms: number) => void;
}): Waiting {
  const { clock, turnstile, slices, onWait } = options;
  const queue = createShares();
  let seq = 0;

  return {
    count: () => queue.taken(wholeHost),
    async pass(places, { requester, limits, call }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let hasPassed = false;
      const pass = () => {
        hasPassed = true;
        resolve();
      };
      const waiter: Waiter = { tenantId: requester.tenantId, seq: seq++, places, pass };
      const gate = turnstile.enter(waiter);
      if (!gate || hasPassed) return;
      const place = places.find((place) => place.gate === gate) ?? { gate, cost: 1 };
      const enteredAt = clock.now();
      const mostMs = Math.min(limits.maxQueueMs, call.remainingMs());
      const shares = queueShares(requester, limits);
      try {
        refuseHopeless(place, limits, mostMs, clock.now());
        queue.take(shares, 1);
      } catch (error) {
        turnstile.giveUp(waiter);
        throw error;
      }
      const giveUp = (reason: unknown) => {
        turnstile.giveUp(waiter);
        reject(reason);
      };
      const abort = () => giveUp(call.signal.reason);
      const stop = clock.after(mostMs, () => giveUp(refusalAt(place, clock.now(), mostMs)));
      call.signal.addEventListener("abort", abort, { once: true });
      if (call.signal.aborted) abort();
      try {
        await promise;
        onWait(requester.pluginId, clock.now() - enteredAt);
      } finally {
        stop();
        call.signal.removeEventListener("abort", abort);
        queue.give(shares, 1);
      }
      // A limit can have opened for all of them at once.
      await slices.enter(requester);
    },
  };
}

/** It is known already that the wait would be too long; or nobody may wait. */
function refuseHopeless(place: Place, limits: EgressLimits, mostMs: number, now: number): void {
  const needsMs = place.gate.meter.waitMs(now, costAt(place));
  if (limits.maxQueuedPerConnection === 0 || (Number.isFinite(needsMs) && needsMs > mostMs))
    throw refusalAt(place, now);
}

function refusalAt(place: Place, now: number, waitedMs?: number): CapabilityError {
  const { gate } = place;
  const { code, message, limit } = gate.refusal;
  const needsMs = gate.meter.waitMs(now, costAt(place));
  const waited = waitedMs === undefined ? "" : ` It waited ${waitedMs} ms for its turn.`;
  if (limit) return new EgressLimitReached(limit, code, `${message}${waited}`);
  const retryAfterMs = Number.isFinite(needsMs) ? Math.ceil(needsMs) : 0;
  const again = retryAfterMs > 0 ? ` Repeat it in ${retryAfterMs} ms.` : "";
  return new CapabilityError(code, `${message}${waited}${again}`, undefined, retryAfterMs || undefined);
}
