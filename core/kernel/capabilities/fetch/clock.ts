/** Time as the broker sees it: passed in, so that a test turns the clock instead of sleeping. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs something after `ms`, or after 24 days if that is sooner, unless the returned function was called before. */
  after(ms: number, run: () => void): () => void;
}

/** Node runs what is to wait for longer at once. */
const longestMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestMs));
    return () => clearTimeout(timer);
  },
};
