import { type Change, type Changes, fingerprint, type Page, readCursor } from "@plugboard/plugin-sdk";
import type { Admin } from "../api/admin.ts";
import { before, clockSkewMs, indexingMs, later } from "../api/lag.ts";
import { list } from "../api/records.ts";
import { search } from "../api/search.ts";

export const documents = {
  removals: `query ListRemovals($first: Int!, $after: String, $query: String) {
    records: events(first: $first, after: $after, query: $query, sortKey: CREATED_AT) {
      nodes { ... on BasicEvent { subjectId createdAt } } pageInfo { hasNextPage endCursor }
    }
  }`,
};

/** How far somebody has read: first what was changed, then what was removed, and so on. */
interface Place {
  part: "changed" | "removed";
  /** From when the present look reads; null for all there is. */
  since: string | null;
  /** The page within the look. */
  after: string | null;
  changed: Tail;
  removed: Tail;
}

/** What was told of a part last. */
interface Tail {
  /** The latest time of it. */
  at: string | null;
  /** When the last look began. */
  lookedAt: string | null;
  /** What the next look may find again, as `markOf` writes it. */
  seen: string[];
}

/** If more happened in the time that looks have in common, some are told again. A cursor has at most 8,192 characters. */
const mostSeen = 80;

interface Dated {
  id: string;
  updatedAt: string;
}

/**
 * What was changed, and what was removed, since `cursor`. Shopify keeps the events that tell of removals for a year.
 *
 * @param resource its list, sorted by `$sortKey`, and how many it gives at once; what events call it: only some tell of what is removed
 */
export async function changedSince<Record extends Dated>(
  admin: Admin,
  { document, most, subject }: { document: string; most: number; subject: string },
  cursor: string | null,
  limit: number,
): Promise<Changes<Record>> {
  const place = cursor === null ? beginning() : readCursor<Place>(cursor);
  const { since, after } = place;
  if (place.part === "changed") {
    const page = await list<Record>(admin, document, {
      cursor: after,
      limit,
      most,
      sortKey: "UPDATED_AT",
      query: search({ updatedSince: since }),
    });
    const { fresh, tail } = advance(place.changed, page.items, (record) => [
      record.id,
      record.updatedAt,
      `#${fingerprint(record)}`,
    ]);
    return {
      changes: fresh.map((record): Change<Record> => ({ op: "upsert", key: record.id, record })),
      cursor: JSON.stringify(goOn({ ...place, changed: tail }, page)),
      hasMore: true,
    };
  }
  const page = await list<{ subjectId: string; createdAt: string }>(admin, documents.removals, {
    cursor: after,
    limit,
    query: search({ terms: { action: "destroy", subject_type: subject }, createdSince: since }),
  });
  const { fresh, tail } = advance(place.removed, page.items, ({ subjectId, createdAt }) => [
    subjectId,
    createdAt,
  ]);
  return {
    changes: fresh.map(({ subjectId }): Change<Record> => ({ op: "remove", key: subjectId })),
    cursor: JSON.stringify(goOn({ ...place, removed: tail }, page)),
    hasMore: page.nextCursor !== null,
  };
}

/** What is removed while everything is read for the first time was perhaps told before. */
function beginning(): Place {
  const lookedAt = new Date().toISOString();
  return {
    part: "changed",
    since: null,
    after: null,
    changed: { at: null, lookedAt, seen: [] },
    removed: { at: before(lookedAt, clockSkewMs), lookedAt: null, seen: [] },
  };
}

/** The next page, or the other part. */
function goOn(place: Place, { nextCursor }: Page<unknown>): Place {
  if (nextCursor !== null) return { ...place, after: nextCursor };
  const part = place.part === "changed" ? "removed" : "changed";
  const tail = { ...place[part], lookedAt: new Date().toISOString() };
  return { ...place, part, after: null, since: sinceOf(place[part]), [part]: tail };
}

/**
 * The latest that was told; while that is new, from a while before on, as something else of that time may not have been found
 * yet. Once it is old there is nothing to wait for, and nothing that could be told again.
 */
function sinceOf({ at, lookedAt }: Tail): string | null {
  if (!at || !lookedAt) return at;
  const overlap = before(at, indexingMs);
  const indexed = before(lookedAt, indexingMs + clockSkewMs);
  return Date.parse(indexed) < Date.parse(at) ? later(overlap, indexed) : at;
}

type Mark = [key: string, at: string, content?: string];

function advance<Item>(tail: Tail, items: readonly Item[], read: (item: Item) => Mark) {
  const fresh = items.filter((item) => !tail.seen.includes(markOf(read(item))));
  const at = fresh.map((item) => read(item)[1]).reduce(later, tail.at);
  const seen = [...tail.seen, ...fresh.map((item) => markOf(read(item)))].slice(-mostSeen);
  return { fresh, tail: { ...tail, at, seen } };
}

/**
 * Short, as cursors are: the number in the id, the second, and what the record was: Shopify's times are whole seconds, and
 * what changes twice in one is not told by its time.
 */
const markOf = ([key, at, content = ""]: Mark): string =>
  `${key.slice(key.lastIndexOf("/") + 1)}@${Date.parse(at) / 1000}${content}`;
