/** A calendar month in UTC, `YYYY-MM`: what usage is summed and charged by. */
export function periodOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** From its first moment up to, and without, the first of the next. */
export function boundsOf(period: string): { from: Date; to: Date } {
  const from = new Date(`${period}-01T00:00:00.000Z`);
  const to = new Date(from);
  to.setUTCMonth(to.getUTCMonth() + 1);
  return { from, to };
}
