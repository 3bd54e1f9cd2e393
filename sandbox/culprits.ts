/**
 * How many tenants there must be at the least that ended threads, when each of these sets holds one that did: so many
 * sets have no member in common. One tenant, however often it does it and whomever it has suspected with it, is one; two
 * that work together are two.
 */
export function leastCulprits(ends: Iterable<ReadonlySet<string>>): number {
  const counted = new Set<string>();
  let culprits = 0;
  for (const suspects of [...ends].sort((a, b) => a.size - b.size)) {
    if (suspects.size === 0 || !suspects.isDisjointFrom(counted)) continue;
    for (const suspect of suspects) counted.add(suspect);
    culprits += 1;
  }
  return culprits;
}
