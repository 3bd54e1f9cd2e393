import type { Meter, VendorState } from "./meter.ts";

/** As long as a vendor can make a connection wait by saying so. */
const longestMs = 24 * 60 * 60 * 1000;

/**
 * What the vendor says is left, until it says something else or its time is over. Without its word everything passes.
 * @param isOfMany of several windows that are not told apart: the strictest counts until the last is over
 */
export function createCeiling({ isOfMany = false } = {}): Meter & {
  told(now: number, state: VendorState, underWay: number): void;
} {
  let remaining = Number.POSITIVE_INFINITY;
  let resetAt = Number.NEGATIVE_INFINITY;

  return {
    waitMs: (now, cost) => (now < resetAt && remaining < Math.max(1, cost) ? resetAt - now : 0),
    take(now, cost) {
      if (now < resetAt) remaining -= cost;
    },
    told(now, { remaining: left, resetAt: until }, underWay) {
      if (left === undefined || until === undefined || until <= now) return;
      const end = Math.min(until, now + longestMs);
      // Replies overtake each other: of two about the same window the smaller is the later one.
      const isSameWindow = now < resetAt && (isOfMany || Math.abs(end - resetAt) < 1_000);
      remaining = isSameWindow ? Math.min(remaining, left - underWay) : left - underWay;
      resetAt = isOfMany ? Math.max(end, resetAt) : end;
    },
    isIdle: (now) => now >= resetAt,
  };
}
