export interface Times {
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

/** Runs the work for each item, one after the other, and says how long it took. */
export async function timeEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<Times> {
  const times: number[] = [];
  for (const item of items) {
    const from = performance.now();
    await work(item);
    times.push(performance.now() - from);
  }
  return timesOf(times);
}

export function timesOf(times: number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}
