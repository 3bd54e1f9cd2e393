import { type FacetName, facetNames, type Values } from "./values.ts";

export interface FacetValue {
  value: string;
  count: number;
}

/** For each facet, its values with how many answers have them, most first. */
export type Facets = Record<FacetName, FacetValue[]>;

/** Publishers choose the values: of those that are in few listings, an answer need not name each. */
const mostValues = 50;

export interface FacetCounts {
  /**
   * @param numbers of a listing's values
   * @param except the one facet whose own filter refuses the listing: it counts for that facet alone
   */
  count(numbers: number[], except: FacetName | undefined): void;
  result(): Facets;
}

export function createFacetCounts(values: Values): FacetCounts {
  const counts = new Uint32Array(values.size);
  return {
    count(numbers, except) {
      for (const number of numbers) {
        if (except === undefined || values.at(number)?.kind === except)
          counts[number] = (counts[number] ?? 0) + 1;
      }
    },
    result() {
      const found = (name: FacetName) =>
        [...values.all(name)].flatMap(([value, number]) => {
          const count = counts[number] ?? 0;
          return count > 0 ? [{ value, count }] : [];
        });
      return Object.fromEntries(facetNames.map((name) => [name, mostFrequent(found(name))])) as Facets;
    },
  };
}

function mostFrequent(found: FacetValue[]): FacetValue[] {
  return found.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, mostValues);
}
