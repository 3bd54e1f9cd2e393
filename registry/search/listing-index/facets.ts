import type { IndexedEntry } from "./entry.ts";
import { type FacetName, facetNames } from "./filters.ts";

export interface FacetValue {
  value: string;
  count: number;
}

/** For each facet, its values with how many answers have them, most first. */
export type Facets = Record<FacetName, FacetValue[]>;

/** Publishers choose the values: of those that are in few listings, an answer need not name each. */
const mostValues = 50;

export interface FacetCounts {
  /** @param except the one facet whose own filter refuses the listing: it counts for that facet alone */
  count(entry: IndexedEntry, except: FacetName | undefined): void;
  result(): Facets;
}

export function createFacetCounts(): FacetCounts {
  const counts = Object.fromEntries(
    facetNames.map((name) => [name, new Map<string, number>()]),
  ) as unknown as Record<FacetName, Map<string, number>>;

  return {
    count(entry, except) {
      if (except === undefined || except === "category") addAll(counts.category, entry.categories);
      if (except === undefined || except === "pricing") add(counts.pricing, entry.pricing);
      if (except === undefined || except === "verified") add(counts.verified, String(entry.verified));
      if (except === undefined || except === "permission") addAll(counts.permission, entry.permissions);
      if (except === undefined || except === "hostRange") add(counts.hostRange, entry.hostRange);
    },
    result() {
      return Object.fromEntries(facetNames.map((name) => [name, mostFrequent(counts[name])])) as Facets;
    },
  };
}

function addAll(counts: Map<string, number>, values: string[]): void {
  for (const value of values) add(counts, value);
}

function add(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function mostFrequent(counts: Map<string, number>): FacetValue[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, mostValues);
}
