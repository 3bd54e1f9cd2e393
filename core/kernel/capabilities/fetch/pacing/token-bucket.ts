import type { Meter } from "./meter.ts";

/** As many points as a declaration may have. */
const mostPoints = 1_000_000_000;

/** As long as a vendor's figures can make a bucket take to be full again. */
const longestSeconds = 24 * 60 * 60;

/** Vendors say their figures with each reply; of one that has said nothing for so long they may be others by now. */
const toldMs = 24 * 60 * 60 * 1000;

/** A burst of up to `capacity` points, refilled steadily; the vendor's own figures replace the given ones. */
export function createTokenBucket(limit: () => { capacity: number; refillPerSecond: number }): Meter {
  let toldOf: { capacity?: number; refillPerSecond?: number } = {};
  let toldUntil = Number.NEGATIVE_INFINITY;
  let used = 0;
  let usedAt = 0;

  const size = (now: number) => ({ ...limit(), ...(now < toldUntil && toldOf) });

  /** What is not refilled yet. */
  function usedBy(now: number): number {
    const { refillPerSecond } = size(now);
    return Math.max(0, used - (Math.max(0, now - usedAt) / 1000) * refillPerSecond);
  }

  return {
    waitMs(now, cost) {
      const { capacity, refillPerSecond } = size(now);
      const over = usedBy(now) + Math.min(cost, capacity) - capacity;
      return over <= 0 ? 0 : (over / refillPerSecond) * 1000;
    },
    take(now, cost) {
      // As `waitMs` lets it pass: what asks for more than there ever is takes all there is.
      used = usedBy(now) + Math.min(cost, size(now).capacity);
      usedAt = now;
    },
    told(now, { limit: capacity, remaining, refillPerSecond }, underWay) {
      const figures = {
        ...(capacity !== undefined && capacity > 0 && { capacity: within(1, capacity, mostPoints) }),
        ...(refillPerSecond !== undefined && refillPerSecond > 0 && { refillPerSecond }),
      };
      if (Object.keys(figures).length > 0) {
        toldOf = { ...(now < toldUntil && toldOf), ...figures };
        toldUntil = now + toldMs;
      }
      if (toldOf.refillPerSecond !== undefined) {
        const least = size(now).capacity / longestSeconds;
        toldOf.refillPerSecond = within(least, toldOf.refillPerSecond, mostPoints);
      }
      if (remaining === undefined) return;
      const { capacity: most } = size(now);
      used = within(0, most - remaining + underWay, most);
      usedAt = now;
    },
    corrected(now, cost, estimate) {
      const { capacity } = size(now);
      used = within(0, used + within(0, cost, capacity) - Math.min(estimate, capacity), capacity);
    },
    useUp(now) {
      used = size(now).capacity;
      usedAt = now;
    },
    isIdle: (now) => usedBy(now) === 0 && now >= toldUntil,
  };
}

function within(least: number, figure: number, most: number): number {
  return Math.min(Math.max(least, figure), most);
}
