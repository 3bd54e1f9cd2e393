import { maySee, type Viewer } from "../../visibility.ts";
import { createWordIndex, type PlacedWords, type WordMatch } from "../word-index/index.ts";
import { type Entry, type IndexedEntry, toIndexed } from "./entry.ts";
import { createFacetCounts, type Facets } from "./facets.ts";
import { compileFilters, createRangeCheck, type Filters } from "./filters.ts";
import { type AskedFor, createFirst, goesBefore, type Place, rankOf, type Sort } from "./order.ts";
import { relatedTo } from "./related.ts";
import { createValues } from "./values.ts";

export interface Wish {
  viewer: Viewer;
  /** At least one, or none at all: then every listing matches. */
  words: string[];
  asked: AskedFor;
  filters: Filters;
  sort: Sort;
  limit: number;
  /** The last place of the page before. */
  after: (Place & { corrected: boolean }) | undefined;
  facets: boolean;
}

export interface Found {
  /** In order, `limit` at most. */
  places: Place[];
  hasMore: boolean;
  /** Of all pages. */
  total: number;
  /** Whether similar words were looked for. */
  corrected: boolean;
  facets: Facets | undefined;
}

/** All listings of the catalog, to be searched in memory. What it tells depends on the viewer alone, also its counts. */
export interface ListingIndex {
  /** Adds it, or replaces what is known of it. @param words undefined: they are as before */
  put(entry: Entry, words: PlacedWords | undefined): void;
  remove(plugin: string): void;
  find(wish: Wish): Found;
  /** @returns undefined where the viewer may not know of the plugin, or there is none */
  related(plugin: string, options: { viewer: Viewer; limit: number }): Place[] | undefined;
  readonly size: number;
}

/** When this many numbers belong to listings that were replaced, and they are more than half, all get new ones. */
const fewestGone = 1000;

export function createListingIndex(): ListingIndex {
  const words = createWordIndex();
  const numbers = new Map<string, number>();
  const isWithin = createRangeCheck();
  let values = createValues();
  let entries: (IndexedEntry | undefined)[] = [];

  function renumber(): void {
    if (entries.length - numbers.size < Math.max(fewestGone, numbers.size)) return;
    const kept: IndexedEntry[] = [];
    words.renumber(entries.map((entry) => (entry ? kept.push(entry) - 1 : undefined)));
    // Of values too, those that nothing has any more are forgotten.
    const fresh = createValues();
    const renew = (number: number) => {
      const known = values.at(number);
      return known ? [fresh.numberOf(known.kind, known.value)] : [];
    };
    kept.forEach((entry, number) => {
      numbers.set(entry.plugin, number);
      entry.values = entry.values.flatMap(renew);
      entry.keywords = entry.keywords.flatMap(renew);
    });
    entries = kept;
    values = fresh;
  }

  function remove(plugin: string): void {
    const number = numbers.get(plugin);
    if (number === undefined) return;
    entries[number] = undefined;
    numbers.delete(plugin);
    renumber();
  }

  return {
    get size() {
      return numbers.size;
    },
    put(entry, placed) {
      const number = numbers.get(entry.plugin);
      if (placed === undefined && number !== undefined) {
        entries[number] = toIndexed(entry, values);
        return;
      }
      remove(entry.plugin);
      numbers.set(entry.plugin, entries.length);
      words.add(entries.length, placed ?? [[], [], []]);
      entries.push(toIndexed(entry, values));
    },
    remove,
    related(plugin, options) {
      const one = entries[numbers.get(plugin) ?? -1];
      return one && maySee(options.viewer, one.tenantId)
        ? relatedTo(one, entries, values, options)
        : undefined;
    },
    find(wish) {
      const { viewer, sort, after, limit } = wish;
      const filters = compileFilters(wish.filters, { values, isWithin });
      const facets = wish.facets ? createFacetCounts(values) : undefined;
      const top = createFirst(limit + 1);
      let total = 0;

      function consider(entry: IndexedEntry | undefined, text: number | undefined): void {
        if (!entry || !maySee(viewer, entry.tenantId) || !filters.passesRest(entry)) return;
        const refusedBy = filters.refusedBy(entry);
        if (refusedBy === "several") return;
        facets?.count(entry.values, refusedBy);
        if (refusedBy !== undefined) return;
        total++;
        const asked = text === undefined ? undefined : wish.asked;
        const rank = rankOf(entry, sort, asked, text);
        // Most are too far back: for them nothing is made.
        if (rank < top.leastRank()) return;
        const place = { rank, plugin: entry.plugin };
        if (!after || goesBefore(after, place)) top.show(place);
      }

      const match = wish.words.length > 0 ? matchWords(wish) : undefined;
      if (match) for (const number of match.listings) consider(entries[number], match.scoreOf(number));
      else for (const entry of entries) consider(entry, undefined);

      return {
        places: top.first.slice(0, limit),
        hasMore: top.first.length > limit,
        total,
        corrected: match?.corrected ?? false,
        facets: facets?.result(),
      };
    },
  };

  function matchWords({ viewer, words: asked, after }: Wish): WordMatch {
    function visible(number: number): boolean {
      const entry = entries[number];
      return entry !== undefined && maySee(viewer, entry.tenantId);
    }
    return words.match(asked, { visible, correct: after?.corrected ?? false });
  }
}
