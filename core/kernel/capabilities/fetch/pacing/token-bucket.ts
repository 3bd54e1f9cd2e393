import type { Meter } from "./meter.ts";

/** A burst of up to `capacity` points, refilled steadily; the vendor's own figures replace the given ones. */
export function createTokenBucket(limit: () => { capacity: number; refillPerSecond: number }): Meter {
  let toldOf: { capacity?: number; refillPerSecond?: number } = {};
  let used = 0;
  let usedAt = 0;

  const size = () => ({ ...limit(), ...toldOf });

  /** What is not refilled yet. */
  function usedBy(now: number): number {
    const { refillPerSecond } = size();
    return Math.max(0, used - (Math.max(0, now - usedAt) / 1000) * refillPerSecond);
  }

  return {
    waitMs(now, cost) {
      const { capacity, refillPerSecond } = size();
      const over = usedBy(now) + Math.min(cost, capacity) - capacity;
      return over <= 0 ? 0 : (over / refillPerSecond) * 1000;
    },
    take(now, cost) {
      used = usedBy(now) + cost;
      usedAt = now;
    },
    told(now, { limit: capacity, remaining, refillPerSecond }, underWay) {
      toldOf = {
        ...toldOf,
        ...(capacity !== undefined && capacity > 0 && { capacity }),
        ...(refillPerSecond !== undefined && refillPerSecond > 0 && { refillPerSecond }),
      };
      if (remaining === undefined) return;
      used = Math.max(0, size().capacity - remaining + underWay);
      usedAt = now;
    },
    corrected(cost, estimate) {
      used = Math.max(0, used + cost - estimate);
    },
    isIdle: (now) => usedBy(now) === 0,
  };
}
