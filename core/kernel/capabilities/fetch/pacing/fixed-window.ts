import { createCeiling } from "./ceiling.ts";
import type { Meter } from "./meter.ts";

/** At most `requests` in a window, which begins with the first request after the one before has ended. */
export function createFixedWindow(limit: () => { requests: number; ms: number }): Meter {
  let endsAt = Number.NEGATIVE_INFINITY;
  let taken = 0;
  const ceiling = createCeiling();

  return {
    waitMs(now, cost) {
      const { requests } = limit();
      const isOver = now < endsAt && taken + Math.min(cost, requests) > requests;
      return Math.max(isOver ? endsAt - now : 0, ceiling.waitMs(now, cost));
    },
    take(now, cost) {
      ceiling.take(now, cost);
      if (now >= endsAt) {
        endsAt = now + limit().ms;
        taken = 0;
      }
      taken += cost;
    },
    useUp(now) {
      endsAt = now + limit().ms;
      taken = limit().requests;
    },
    told(now, state, underWay) {
      ceiling.told(now, state, underWay);
      // The vendor's window is the one that counts, whenever it began.
      if (state.resetAt !== undefined && state.resetAt > now) {
        endsAt = Math.min(state.resetAt, now + limit().ms);
      }
    },
    isIdle: (now) => now >= endsAt && ceiling.isIdle(now),
  };
}
