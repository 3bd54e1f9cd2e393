const day = 86_400_000;

/** So many days before the end its owner is told, each time once. The fewest first. */
const warnedDays = [1, 7, 14];

/** Which of the warnings is due; undefined if none is yet, or the end has passed. */
export function toldDays(expiresAt: Date | null, now: number): number | undefined {
  if (!expiresAt || expiresAt.getTime() <= now) return undefined;
  return warnedDays.find((days) => expiresAt.getTime() - now <= days * day);
}
