import { setTimeout as wait } from "node:timers/promises";

/** Time as the broker sees it: passed in, so that a test turns the clock instead of sleeping. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects as soon as the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  wait: async (ms, signal) => {
    await wait(ms, undefined, { signal });
  },
};
