/**
 * How long requests took, counted in steps that grow by the square root of two, from one millisecond to over a minute: a
 * few numbers for any number of requests, which can be added up over time and hosts. What is read from it is right within
 * a fifth.
 */
const steps = 34;

/** The step that a duration falls into. */
export function stepOf(durationMs: number): number {
  const step = durationMs <= 1 ? 0 : Math.ceil(2 * Math.log2(durationMs));
  return Math.min(step, steps - 1);
}

export function emptyTimes(): number[] {
  return new Array<number>(steps).fill(0);
}

/** The time within which `part` (0 to 1) of the requests ended, in ms; null if there were none. */
export function quantile(times: readonly number[], part: number): number | null {
  const total = times.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = part * total;
  for (const [step, count] of times.entries()) {
    if (count >= left) {
      const [low, high] = [step === 0 ? 0 : 2 ** ((step - 1) / 2), 2 ** (step / 2)];
      return low + (high - low) * (count === 0 ? 0 : left / count);
    }
    left -= count;
  }
  return 2 ** ((steps - 1) / 2);
}
