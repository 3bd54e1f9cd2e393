const firstMs = 1_000;
/** However long a vendor is down, a socket is tried this often. */
const longestMs = 5 * 60_000;
/** The vendor's own word, at most. */
const longestAskedMs = 6 * 60 * 60_000;

/** A socket that was open for so long was a success, however it ended. */
export const stableMs = 60_000;

/**
 * Before the next socket: doubles from failure to failure, half of it left to chance, so that those that were cut off
 * together do not come back together; no sooner than the vendor asked for.
 * @param failures in a row; with none the vendor only closed what had served
 */
export function delayMs(
  {
    failures,
    retryAfterMs = 0,
    unitMs = firstMs,
  }: { failures: number; retryAfterMs?: number; unitMs?: number | undefined },
  random = Math.random,
): number {
  const full = Math.min(unitMs * 2 ** Math.min(failures, 20), longestMs);
  return Math.round(Math.max(full * (0.5 + random() / 2), Math.min(retryAfterMs, longestAskedMs)));
}
