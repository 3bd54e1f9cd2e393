/** One end of a plugin's thread that its own code caused. */
export interface Crash {
  at: number;
  /** The tenants whose call may have done it: the one known to have, or all that had calls in flight. */
  suspects: ReadonlySet<string>;
}

/** Who has to stop calling: one tenant, or all of them. */
export type Verdict = { tenantId: string; crashes: number } | { tenantId: null; crashes: number };

/**
 * Judges the crashes of one release within the window.
 *
 * One tenant that certainly caused `most` of them is kept out alone. All are kept out only when the crashes go on
 * whichever single tenant one leaves out of the count: what one tenant, alone or together with some bad luck, can cause
 * must not cost the others their plugin.
 */
export function judge(crashes: readonly Crash[], most: number): Verdict | undefined {
  for (const [tenantId, count] of countBy(crashes.filter(({ suspects }) => suspects.size === 1))) {
    if (count >= most) return { tenantId, crashes: count };
  }
  if (crashes.length < most) return undefined;
  const mostBySuspect = Math.max(0, ...countBy(crashes).values());
  const unexplained = crashes.length - mostBySuspect;
  return unexplained >= most / 2 ? { tenantId: null, crashes: crashes.length } : undefined;
}

function countBy(crashes: readonly Crash[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { suspects } of crashes) {
    for (const suspect of suspects) counts.set(suspect, (counts.get(suspect) ?? 0) + 1);
  }
  return counts;
}
