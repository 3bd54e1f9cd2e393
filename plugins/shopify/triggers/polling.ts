import { fingerprint, type PollingTrigger, readCursor, type TSchema, trigger } from "@plugboard/plugin-sdk";
import { before, clockSkewMs, indexingMs, later } from "../api/lag.ts";
import { list } from "../api/records.ts";
import { search } from "../api/search.ts";

interface Watched<Node, Item> {
  title: string;
  description: string;
  output: TSchema;
  /** A document with `$first`, `$after`, `$query` and `$sortKey`. */
  document: string;
  /** Items at once. */
  most?: number;
  /** New ones are told once, changed ones at each change. */
  by: "createdAt" | "updatedAt";
  toItem(node: Node): Item;
}

interface Dated {
  id: string;
  createdAt: string;
  updatedAt: string;
}

/** How far a trigger has read; within a look that has more pages, also where it goes on. */
interface Place {
  since: string | null;
  newest: string | null;
  after: string | null;
}

/** What is older than a tenant wants is not read: a store may have millions. */
function beginning(startAt: "now" | "beginning"): Place {
  // What is found since then is remembered and not told.
  const since = startAt === "now" ? before(new Date().toISOString(), clockSkewMs) : null;
  return { since, newest: since, after: null };
}

/** A trigger that asks Shopify what came or changed since it asked last, for those who have no webhooks. */
export function watch<Node extends Dated, Item extends Dated>({
  document,
  most = 100,
  by,
  toItem,
  output,
  ...words
}: Watched<Node, Item>): PollingTrigger {
  const time = by === "createdAt" ? "createdSince" : "updatedSince";
  // Shopify's times are whole seconds: what changes twice in one is told by what it is then.
  const keyOf = (item: Dated) =>
    by === "createdAt" ? item.id : `${item.id}@${item.updatedAt}#${fingerprint(item)}`;
  return trigger({
    ...words,
    kind: "polling",
    intervalSeconds: 60,
    output,
    dedupeKey: (item) => keyOf(item as Dated),
    async poll({ cursor, startAt, ...admin }) {
      const place = cursor === null ? beginning(startAt) : readCursor<Place>(cursor);
      const page = await list<Node>(admin, document, {
        cursor: place.after,
        limit: most,
        sortKey: by === "createdAt" ? "CREATED_AT" : "UPDATED_AT",
        query: search({ [time]: place.since }),
      });
      const newest = later(page.items.at(-1)?.[by] ?? null, place.newest);
      const hasMore = page.nextCursor !== null;
      // What is seen again in the overlap is told once, by its key.
      const next: Place = hasMore
        ? { since: place.since, newest, after: page.nextCursor }
        : { since: later(newest && before(newest, indexingMs), place.since), newest, after: null };
      return { items: page.items.map(toItem), cursor: JSON.stringify(next), hasMore };
    },
  }) as PollingTrigger;
}
