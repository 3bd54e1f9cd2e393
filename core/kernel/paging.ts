import { decodeCursor, encodeCursor, type Page } from "@plugboard/service-kit/http";
import { Type } from "typebox";

/**
 * Which part of a list is asked for. Ids are UUID v7, so their order is the order of creation, as far as hosts' clocks
 * agree; where that is not enough, a table has a sequence.
 */
export interface PageRequest {
  limit: number;
  /** The id, or the place in the sequence, of the last item of the page before. */
  after: string | undefined;
}

const idPosition = Type.String({ minLength: 1, maxLength: 128 });

/** Of lists that are ordered by the database's own sequence. */
export const sequencePosition = Type.String({ pattern: "^[0-9]{1,15}$" });

export function toPageRequest(query: { limit: number; cursor?: string }, position = idPosition): PageRequest {
  return {
    limit: query.limit,
    after: query.cursor === undefined ? undefined : decodeCursor(query.cursor, position),
  };
}

/** `found` holds one item more than the page when there is a next one: so the end needs no second query. */
export function toPage<Item extends { id: string }>(found: Item[], { limit }: PageRequest): Page<Item> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? encodeCursor(last.id) : null };
}

/** As `toPage`, of a list in the order of a sequence, which its items do not show. */
export function toSequencePage<Item extends { seq: number }, Shown>(
  found: Item[],
  { limit }: PageRequest,
  show: (item: Item) => Shown,
): Page<Shown> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items: items.map(show), nextCursor: last ? encodeCursor(String(last.seq)) : null };
}
