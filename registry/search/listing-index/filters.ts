import semver from "semver";
import type { IndexedEntry } from "./entry.ts";

/** What listings can be narrowed down by. Of several values in one list, any will do. */
export interface Filters {
  category?: string[] | undefined;
  pricing?: string[] | undefined;
  verified?: boolean | undefined;
  /** Kinds of permission, of which it asks for one at least. */
  permission?: string[] | undefined;
  /** It talks to this host or to one below it. */
  networkHost?: string | undefined;
  /** It runs on this version of the host. */
  hostVersion?: string | undefined;
  /** Also what its publisher advises against. Default: not. */
  deprecated?: boolean | undefined;
}

/** The filters that facets are counted for. */
export const facetNames = ["category", "pricing", "verified", "permission", "hostRange"] as const;
export type FacetName = (typeof facetNames)[number];

export interface CompiledFilters {
  /** Whether it passes the filters that are no facets. */
  passesRest(entry: IndexedEntry): boolean;
  /** How many facets' filters refuse it; `refusedBy` has the last of them. */
  countRefusals(entry: IndexedEntry): number;
  refusedBy: FacetName | undefined;
}

/** Filters, worked out once for a search over many listings. */
export function compileFilters(filters: Filters): CompiledFilters {
  const { networkHost, deprecated = false } = filters;
  const below = networkHost === undefined ? "" : `.${networkHost}`;
  const facets = facetFilters(filters);
  return {
    refusedBy: undefined,
    passesRest(entry) {
      if (entry.deprecated && !deprecated) return false;
      return (
        networkHost === undefined || entry.hosts.some((host) => host === networkHost || host.endsWith(below))
      );
    },
    countRefusals(entry) {
      let refusals = 0;
      for (const { name, accepts } of facets) {
        if (accepts(entry)) continue;
        refusals++;
        this.refusedBy = name;
      }
      return refusals;
    },
  };
}

function facetFilters(filters: Filters): { name: FacetName; accepts: (entry: IndexedEntry) => boolean }[] {
  const { category, pricing, verified, permission, hostVersion } = filters;
  const found: ReturnType<typeof facetFilters> = [];
  if (category) found.push({ name: "category", accepts: (e) => intersects(e.categories, category) });
  if (pricing) found.push({ name: "pricing", accepts: (e) => pricing.includes(e.pricing) });
  if (verified !== undefined) found.push({ name: "verified", accepts: (e) => e.verified === verified });
  if (permission) found.push({ name: "permission", accepts: (e) => intersects(e.permissions, permission) });
  if (hostVersion !== undefined) {
    const runsOn = rangesWith(hostVersion);
    found.push({ name: "hostRange", accepts: (e) => runsOn(e.hostRange) });
  }
  return found;
}

function intersects(some: string[], wanted: string[]): boolean {
  return some.some((each) => wanted.includes(each));
}

/** Many listings share a range: each is read once. */
function rangesWith(version: string): (range: string) => boolean {
  const known = new Map<string, boolean>();
  return (range) => {
    let satisfied = known.get(range);
    if (satisfied === undefined) {
      satisfied = semver.satisfies(version, range, { includePrerelease: true });
      known.set(range, satisfied);
    }
    return satisfied;
  };
}
