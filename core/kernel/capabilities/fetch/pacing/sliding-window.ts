import { createCeiling } from "./ceiling.ts";
import type { Meter } from "./meter.ts";

/**
 * The window is counted in this many slots, the oldest until all of it is out: never more than the vendor allows, and at
 * most a 60th of the window later than it would. An exact list of times would grow with the limit.
 */
const slots = 60;

/** At most `requests` in any `ms`. */
export function createSlidingWindow(limit: () => { requests: number; ms: number }): Meter {
  let taken: { startsAt: number; cost: number }[] = [];
  const ceiling = createCeiling();

  const slotMs = () => limit().ms / slots;
  const endOf = (startsAt: number) => startsAt + slotMs() + limit().ms;

  function prune(now: number): number {
    taken = taken.filter(({ startsAt }) => endOf(startsAt) > now);
    return taken.reduce((sum, { cost }) => sum + cost, 0);
  }

  function ownWaitMs(now: number, cost: number): number {
    let over = prune(now) + Math.min(cost, limit().requests) - limit().requests;
    if (over <= 0) return 0;
    for (const { startsAt, cost: freed } of taken) {
      over -= freed;
      if (over <= 0) return endOf(startsAt) - now;
    }
    return 0;
  }

  return {
    waitMs: (now, cost) => Math.max(ownWaitMs(now, cost), ceiling.waitMs(now, cost)),
    take(now, cost) {
      ceiling.take(now, cost);
      const last = taken.at(-1);
      if (last && now < last.startsAt + slotMs()) last.cost += cost;
      else taken.push({ startsAt: now, cost });
    },
    told: ceiling.told,
    useUp(now) {
      taken = [{ startsAt: now, cost: limit().requests }];
    },
    isIdle: (now) => prune(now) === 0 && ceiling.isIdle(now),
  };
}
