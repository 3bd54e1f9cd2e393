import semver from "semver";
import type { IndexedEntry } from "./entry.ts";
import { type FacetName, facetNames, type Values } from "./values.ts";

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

export interface CompiledFilters {
  /** Whether it passes the filters that are no facets. */
  passesRest(entry: IndexedEntry): boolean;
  /** Whose filters refuse it: none, one facet's, or several facets'. */
  refusedBy(entry: IndexedEntry): FacetName | "several" | undefined;
}

/** Filters, worked out once for a search over many listings. */
export function compileFilters(
  filters: Filters,
  o: { values: Values; isWithin: RangeCheck },
): CompiledFilters {
  const { networkHost, deprecated = false } = filters;
  const below = networkHost === undefined ? "" : `.${networkHost}`;
  const { accepted, asked } = acceptedValues(filters, o);
  return {
    passesRest(entry) {
      if (entry.deprecated && !deprecated) return false;
      return (
        networkHost === undefined || entry.hosts.some((host) => host === networkHost || host.endsWith(below))
      );
    },
    refusedBy(entry) {
      let accepting = 0;
      for (const number of entry.values) accepting |= accepted[number] ?? 0;
      const refusing = asked & ~accepting;
      if (refusing === 0) return undefined;
      const isOne = (refusing & (refusing - 1)) === 0;
      return isOne ? facetNames[Math.log2(refusing)] : "several";
    },
  };
}

/**
 * @returns asked: a bit for each facet that has a filter; accepted: by the number of a value, the same bit where the filter
 *   accepts it
 */
function acceptedValues(
  filters: Filters,
  { values, isWithin }: { values: Values; isWithin: RangeCheck },
): { accepted: Uint8Array; asked: number } {
  const accepted = new Uint8Array(values.size);
  let asked = 0;
  function accept(facet: FacetName, numbers: Iterable<number | undefined>): void {
    const bit = 1 << facetNames.indexOf(facet);
    asked |= bit;
    for (const number of numbers) if (number !== undefined) accepted[number] = bit;
  }
  for (const facet of ["category", "pricing", "permission"] as const) {
    const wanted = filters[facet];
    if (wanted) {
      accept(
        facet,
        wanted.map((value) => values.find(facet, value)),
      );
    }
  }
  if (filters.verified !== undefined) accept("verified", [values.find("verified", String(filters.verified))]);
  const { hostVersion } = filters;
  if (hostVersion !== undefined) {
    const fitting = [...values.all("hostRange")].filter(([range]) => isWithin(hostVersion, range));
    accept(
      "hostRange",
      fitting.map(([, number]) => number),
    );
  }
  return { accepted, asked };
}

/** Whether a version of the host is within a range. */
export type RangeCheck = (version: string, range: string) => boolean;

/** So many answers are kept: many listings share a range, and many searches a version. */
const mostKnown = 20_000;

export function createRangeCheck(): RangeCheck {
  const known = new Map<string, boolean>();
  return (version, range) => {
    const key = `${version} ${range}`;
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    const fits = semver.satisfies(version, range, { includePrerelease: true });
    if (known.size >= mostKnown) known.clear();
    known.set(key, fits);
    return fits;
  };
}
