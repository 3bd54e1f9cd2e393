import type { Change, Changes, Page } from "@plugboard/plugin-sdk";
import type { Admin } from "../api/admin.ts";
import { readCursor } from "../api/cursor.ts";
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

/** The latest of what was told, and what else has just that time: the next look begins with the same second. */
interface Tail {
  at: string | null;
  seen: string[];
}

/** What is remembered of one second. If more happened in it, some are told twice. */
const mostSeen = 50;

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
    const { fresh, tail } = advance(place.changed, page.items, ({ id, updatedAt }) => [id, updatedAt]);
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
const beginning = (): Place => ({
  part: "changed",
  since: null,
  after: null,
  changed: { at: null, seen: [] },
  removed: { at: new Date().toISOString(), seen: [] },
});

/** The next page, or the other part. */
function goOn(place: Place, { nextCursor }: Page<unknown>): Place {
  if (nextCursor !== null) return { ...place, after: nextCursor };
  const part = place.part === "changed" ? "removed" : "changed";
  return { ...place, part, after: null, since: place[part].at };
}

function advance<Item>(tail: Tail, items: readonly Item[], read: (item: Item) => [key: string, at: string]) {
  const fresh = items.filter((item) => {
    const [key, at] = read(item);
    return at !== tail.at || !tail.seen.includes(key);
  });
  const last = fresh.at(-1);
  const at = last ? read(last)[1] : tail.at;
  const ofThatTime = fresh.map(read).flatMap(([key, time]) => (time === at ? [key] : []));
  const seen = at === tail.at ? [...tail.seen, ...ofThatTime] : ofThatTime;
  return { fresh, tail: { at, seen: seen.slice(-mostSeen) } };
}
