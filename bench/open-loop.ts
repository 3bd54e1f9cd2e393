/** What came of calls that were sent at a fixed rate, whether or not the ones before had been answered. */
export interface OpenLoopResult {
  sent: number;
  /** Calls that were refused, broke off, or answered something else than they had to; the first few in words. */
  failed: number;
  failures: string[];
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const shownFailures = 5;

/**
 * Sends `perSecond` calls for `seconds`. A call's time counts from when it was due, not from when it could be sent:
 * otherwise a host that stands still for a second would hide it ("coordinated omission").
 *
 * @param send throws when the answer is not the right one
 */
export async function openLoop(options: {
  perSecond: number;
  seconds: number;
  send: (index: number) => Promise<void>;
}): Promise<OpenLoopResult> {
  const { perSecond, seconds, send } = options;
  const total = Math.round(perSecond * seconds);
  const startsAt = performance.now();
  const times: number[] = [];
  const failures: string[] = [];
  let failed = 0;
  const calls: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    const dueAt = startsAt + (index * 1000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const call = send(index).then(
      () => void times.push(performance.now() - dueAt),
      (error: unknown) => {
        failed += 1;
        if (failures.length < shownFailures) failures.push(String(error));
      },
    );
    calls.push(call);
  }
  await Promise.all(calls);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { sent: total, failed, failures, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
