import { httpErrors } from "@plugboard/service-kit/http";
import { registryError } from "../errors.ts";
import { installedBeside } from "../statistics/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Viewer } from "../visibility.ts";
import type { SearchCursor } from "./cursor.ts";
import { followCatalog } from "./follow-catalog.ts";
import { createKeptPages } from "./kept-pages.ts";
import { createListingIndex, type Facets, type Filters, type Sort } from "./listing-index/index.ts";
import * as queries from "./queries.ts";
import { wordsOf } from "./words.ts";

/** More words than these narrow nothing down; the rest of the query is left aside. */
const mostWords = 10;
const mostRelated = 12;
/** Listings on all pages that are kept together, some 2 KiB each. */
const mostKeptListings = 4_000;
/** What a page takes besides, in listings: facets, its key. */
const pageItself = 5;

export interface SearchQuery {
  viewer: Viewer;
  text: string;
  filters: Filters;
  sort: Sort;
  /** Whether to count, for each facet, how many answers have which value. */
  facets: boolean;
  limit: number;
  cursor: SearchCursor | undefined;
}

/** Kept for whoever asks the same: not to be changed. */
export interface SearchPage {
  listings: queries.ListingRow[];
  /** Of all pages. */
  total: number;
  facets: Facets | undefined;
  next: SearchCursor | undefined;
}

export interface Related {
  related: queries.ListingRow[];
  installedBeside: { listing: queries.ListingRow; tenants: number }[];
}

export interface Search {
  /** @throws `invalid-request` for the cursor of another order */
  find(query: SearchQuery): Promise<SearchPage>;
  /**
   * What else a reader of the plugin's page may want: plugins on the same matters, and what tenants that have it have besides.
   *
   * @throws `plugin-not-found`
   */
  related(viewer: Viewer, plugin: string): Promise<Related>;
  /** Reads the catalog in, so that the first search need not wait for it. */
  prepare(): Promise<void>;
}

/**
 * Finds published plugins: without text all of them; else those that have every word, the beginning of one, or, where
 * nothing has, one that is spelled nearly so. See docs/registry.md.
 */
export function createSearch({ db }: { db: RegistryDatabase }): Search {
  const index = createListingIndex();
  const follower = followCatalog({ db, index });
  const kept = createKeptPages<SearchPage>(mostKeptListings);

  async function listingsOf(viewer: Viewer, plugins: string[]): Promise<Map<string, queries.ListingRow>> {
    const rows = plugins.length > 0 ? await queries.listListings(db, viewer, { plugins }) : [];
    return new Map(rows.map((row) => [row.plugin, row]));
  }

  return {
    prepare: follower.catchUp,
    async related(viewer, plugin) {
      await follower.catchUp();
      const places = index.related(plugin, { viewer, limit: mostRelated });
      if (!places) throw registryError("plugin-not-found", `No plugin "${plugin}" is published here.`);
      const beside = await installedBeside(db, plugin);
      const listings = await listingsOf(
        viewer,
        [...places, ...beside].map((one) => one.plugin),
      );
      return {
        related: places.flatMap((place) => listings.get(place.plugin) ?? []),
        installedBeside: beside.flatMap(({ plugin: other, tenants }) => {
          const listing = listings.get(other);
          return listing ? [{ listing, tenants }] : [];
        }),
      };
    },
    async find(query) {
      const { sort, cursor, viewer, ...rest } = query;
      if (cursor && cursor.sort !== sort) throw otherOrder(cursor.sort);
      await follower.catchUp();
      const { state } = follower;
      const key = JSON.stringify([viewer.tenantId, sort, cursor, rest]);
      const known = kept.find(state, key);
      if (known) return known;
      const page = await search(query);
      kept.keep(state, key, page, page.listings.length + pageItself);
      return page;
    },
  };

  async function search(query: SearchQuery): Promise<SearchPage> {
    const { viewer, text, filters, sort, facets, limit, cursor } = query;
    const words = wordsOf(text).slice(0, mostWords);
    // Text without a single letter or digit can be found nowhere.
    const nothing = words.length === 0 && text.trim() !== "";
    const asked = { id: exactId(text), name: words.join("-") };
    const wish = { viewer, words, asked, filters, sort, limit, after: cursor, facets };
    const found = index.find(nothing ? { ...wish, words: ["\0"] } : wish);

    const plugins = found.places.map(({ plugin }) => plugin);
    // What it reads may be newer than the index. Then the index changes before the next search, and this is worked out anew.
    const byPlugin = await listingsOf(viewer, plugins);
    const last = found.places.at(-1);
    return {
      listings: plugins.flatMap((plugin) => byPlugin.get(plugin) ?? []),
      total: found.total,
      facets: found.facets,
      next: found.hasMore && last ? { sort, corrected: found.corrected, ...last } : undefined,
    };
  }
}

function exactId(text: string): string {
  const id = text.trim().toLowerCase();
  return /^[a-z0-9-]+\/[a-z0-9-]+$/.test(id) ? id : "";
}

function otherOrder(sort: Sort) {
  return httpErrors.error("invalid-request", `The cursor belongs to answers in order of ${sort}.`, {
    problems: [{ in: "query", pointer: "/cursor", message: `must be used with sort=${sort}` }],
  });
}
