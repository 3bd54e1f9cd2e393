/** One end of a plugin's thread that its own code caused. */
export interface Crash {
  at: number;
  /** The tenants whose call may have done it: the one known to have, or all that had calls in flight. */
  suspects: ReadonlySet<string>;
  /** The sandbox knows whose code ran last; one that was merely there alone may have met what another left behind. */
  isCertain: boolean;
}

/** Who has to stop calling: one tenant, or all of them. */
export type Verdict = { tenantId: string; crashes: number } | { tenantId: null; crashes: number };

/**
 * Judges the crashes of one release within the window.
 *
 * One tenant that certainly caused `most` of them is kept out alone. All are kept out only when the crashes go on
 * whichever single tenant one leaves out of the count: what one tenant, alone or together with some bad luck, can cause
 * must not cost the others their plugin. Crashes that met nobody's call count for nothing here, since they may be one
 * tenant's who leaves code behind; the sandbox pauses for them.
 */
export function judge(crashes: readonly Crash[], most: number): Verdict | undefined {
  for (const [tenantId, count] of countBy(crashes.filter(({ isCertain }) => isCertain))) {
    if (count >= most) return { tenantId, crashes: count };
  }
  const met = crashes.filter(({ suspects }) => suspects.size > 0);
  if (met.length < most) return undefined;
  const unexplained = met.length - Math.max(...countBy(met).values());
  return unexplained >= most / 2 ? { tenantId: null, crashes: met.length } : undefined;
}

function countBy(crashes: readonly Crash[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { suspects } of crashes) {
    for (const suspect of suspects) counts.set(suspect, (counts.get(suspect) ?? 0) + 1);
  }
  return counts;
}
