import type { RegistryDatabase } from "../tables.ts";
import type { SearchCursor } from "./cursor.ts";
import * as queries from "./queries.ts";
import { wordsOf } from "./words.ts";

/** More words than these narrow nothing down; the rest of the query is left aside. */
const mostWords = 10;

export interface SearchQuery {
  text: string;
  limit: number;
  cursor: SearchCursor | undefined;
}

export interface SearchPage {
  listings: queries.ListingRow[];
  next: SearchCursor | undefined;
}

export type Search = (query: SearchQuery) => Promise<SearchPage>;

/**
 * Finds published plugins: without text all of them, the newest first; else those that have every word (or its
 * beginning), the exact id first; else, where nothing has, those with a name like it.
 */
export function createSearch({ db }: { db: RegistryDatabase }): Search {
  let trigrams: boolean | undefined;

  return async function search({ text, limit, cursor }) {
    if (text.trim() === "") return newest(db, limit, cursor);
    const words = wordsOf(text).slice(0, mostWords);
    if (words.length === 0) return { listings: [], next: undefined };

    if (cursor?.by !== "likeness") {
      const page = await matching(db, { text, words }, limit, cursor);
      if (page.listings.length > 0 || cursor) return page;
    }
    trigrams ??= await queries.hasTrigrams(db);
    if (!trigrams) return { listings: [], next: undefined };
    return resembling(db, words.join(" "), limit, cursor);
  };
}

async function newest(
  db: RegistryDatabase,
  limit: number,
  cursor: SearchCursor | undefined,
): Promise<SearchPage> {
  const after = cursor?.by === "age" ? { createdAt: new Date(cursor.at), plugin: cursor.plugin } : undefined;
  const rows = await queries.listNewest(db, { limit: limit + 1, after });
  return page(rows, limit, (row) => ({ by: "age", at: row.created_at.getTime(), plugin: row.plugin }));
}

async function matching(
  db: RegistryDatabase,
  query: { text: string; words: string[] },
  limit: number,
  cursor: SearchCursor | undefined,
): Promise<SearchPage> {
  const { words } = query;
  const asked = { words, id: exactId(query.text), name: words.join("-") };
  const after = cursor?.by === "words" ? cursor : undefined;
  const rows = await queries.listMatching(db, asked, { limit: limit + 1, after });
  return page(rows, limit, ({ tier, score, plugin }) => ({ by: "words", tier, score, plugin }));
}

async function resembling(
  db: RegistryDatabase,
  words: string,
  limit: number,
  cursor: SearchCursor | undefined,
): Promise<SearchPage> {
  const after = cursor?.by === "likeness" ? cursor : undefined;
  const rows = await queries.listResembling(db, words, { limit: limit + 1, after });
  return page(rows, limit, ({ tier, score, plugin }) => ({ by: "likeness", tier, score, plugin }));
}

function page<Row extends queries.ListingRow>(
  rows: Row[],
  limit: number,
  toCursor: (last: Row) => SearchCursor,
) {
  const listings = rows.slice(0, limit);
  const last = listings.at(-1);
  return { listings, next: rows.length > limit && last ? toCursor(last) : undefined };
}

function exactId(text: string): string {
  const id = text.trim().toLowerCase();
  return /^[a-z0-9-]+\/[a-z0-9-]+$/.test(id) ? id : "";
}
