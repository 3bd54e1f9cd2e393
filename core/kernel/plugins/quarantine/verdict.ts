import { leastCulprits } from "@plugboard/sandbox";

/** One end of a plugin's thread that its own code caused. */
export interface Crash {
  at: number;
  /** The tenants of whom one did it: a single one did for certain. The empty text: the plugin's code, run for no tenant. */
  suspects: ReadonlySet<string>;
}

/** Who has to stop calling. */
export type Verdict =
  | { tenantId: string; crashes: number }
  /** All of them, if so many tenants are enough; Infinity: no tenant had to do with it. */
  | { tenantId: null; crashes: number; culprits: number };

/**
 * Judges the crashes of one release within the window.
 *
 * One tenant that certainly caused `most` of them is kept out alone. All are kept out when that many happened where the
 * code ran for no tenant; or when they cannot have been the doing of few. How many tenants are enough is the caller's to
 * say: some that work together, alone or with bad luck, must not cost the others their plugin. Crashes of which nobody
 * knows whose they were count for all their suspects together as one tenant's.
 */
export function judge(crashes: readonly Crash[], most: number): Verdict | undefined {
  const certain = crashes.filter(({ suspects }) => suspects.size === 1);
  const counts = new Map<string, number>();
  for (const { suspects } of certain) {
    for (const suspect of suspects) counts.set(suspect, (counts.get(suspect) ?? 0) + 1);
  }
  const own = counts.get("") ?? 0;
  if (own >= most) return { tenantId: null, crashes: own, culprits: Number.POSITIVE_INFINITY };
  for (const [tenantId, count] of counts) if (count >= most) return { tenantId, crashes: count };
  const met = crashes.filter(({ suspects }) => suspects.size > 0 && !suspects.has(""));
  if (met.length < most) return undefined;
  const culprits = leastCulprits(met.map(({ suspects }) => suspects));
  return { tenantId: null, crashes: met.length, culprits };
}
