const minuteMs = 60_000;

/** However long a vendor is down, it is asked again this often. */
const longestMs = 6 * 60 * minuteMs;

/** Up to a tenth longer, so that triggers that were switched on together do not stay together. */
function jittered(ms: number, random: () => number): number {
  return Math.round(ms * (1 + random() / 10));
}

export function afterSuccessMs(intervalSeconds: number, random = Math.random): number {
  return jittered(intervalSeconds * 1000, random);
}

/**
 * Doubles from poll to poll; no sooner than the vendor asked for.
 * @param failures in a row, this one included
 */
export function afterFailureMs(
  {
    intervalSeconds,
    failures,
    retryAfterMs = 0,
  }: { intervalSeconds: number; failures: number; retryAfterMs?: number },
  random = Math.random,
): number {
  const doubled = intervalSeconds * 1000 * 2 ** Math.min(failures, 20);
  return jittered(Math.max(Math.min(doubled, longestMs), Math.min(retryAfterMs, longestMs)), random);
}

/** How long the vendor's word holds against a person's. */
export function longestHoldMs(retryAfterMs: number): number {
  return Math.min(retryAfterMs, longestMs);
}
