/** CPU time within the last minute, in ms. */
export interface CpuWindow {
  add(now: number, ms: number): void;
  sum(now: number): number;
  /** In how many ms the sum falls below `limit`, when nothing is added; 0 when it is below. */
  belowIn(now: number, limit: number): number;
}

const BUCKETS = 6;
const BUCKET_MS = 60_000 / BUCKETS;

/** Six numbers that take turns: what is older than they are is forgotten. */
export function createCpuWindow(): CpuWindow {
  const buckets = new Float64Array(BUCKETS);
  let newest = 0;

  const turn = (now: number) => {
    const current = Math.floor(now / BUCKET_MS);
    for (let steps = Math.min(current - newest, BUCKETS); steps > 0; steps -= 1)
      buckets[(current - steps + 1) % BUCKETS] = 0;
    newest = Math.max(newest, current);
  };
  const sum = (now: number) => {
    turn(now);
    return buckets.reduce((all, ms) => all + ms, 0);
  };

  return {
    add(now, ms) {
      turn(now);
      buckets[newest % BUCKETS] = (buckets[newest % BUCKETS] ?? 0) + ms;
    },
    sum,
    belowIn(now, limit) {
      let left = sum(now);
      for (let age = BUCKETS - 1; left >= limit && age >= 0; age -= 1) {
        const bucket = newest - age;
        left -= buckets[((bucket % BUCKETS) + BUCKETS) % BUCKETS] ?? 0;
        if (left < limit) return (bucket + BUCKETS) * BUCKET_MS - now;
      }
      return left >= limit ? BUCKETS * BUCKET_MS : 0;
    },
  };
}
