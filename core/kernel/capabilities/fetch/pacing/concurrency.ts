import type { Meter } from "./meter.ts";

/** At most so many at a time. */
export function createConcurrency(first: number | (() => number)): Meter {
  let most = first;
  let taken = 0;
  const now = () => (typeof most === "number" ? most : most());
  return {
    waitMs: (_, cost) => (taken + cost <= now() ? 0 : Number.POSITIVE_INFINITY),
    take(_, cost) {
      taken += cost;
    },
    giveBack(cost) {
      taken -= cost;
    },
    most(next) {
      most = next;
    },
    isIdle: () => taken === 0,
  };
}
