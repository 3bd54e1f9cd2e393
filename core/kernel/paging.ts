import { decodeCursor, encodeCursor, type Page } from "@plugboard/service-kit/http";
import { Type } from "typebox";

/** Which part of a list is asked for. Ids are UUID v7, so their order is the order of creation. */
export interface PageRequest {
  limit: number;
  /** The id of the last item of the page before. */
  after: string | undefined;
}

const position = Type.String({ minLength: 1, maxLength: 128 });

export function toPageRequest(query: { limit: number; cursor?: string }): PageRequest {
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
