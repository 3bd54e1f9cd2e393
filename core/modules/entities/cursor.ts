import { createHash, hkdfSync } from "node:crypto";
import { CryptoError, type MasterKey, open, seal } from "@plugboard/service-kit/crypto";
import { httpErrors, type PlugboardError } from "@plugboard/service-kit/http";

/** What a cursor is of; a cursor of anything else opens none. */
export type CursorPlace = ListPlace | FeedPlace;

/** Pages of a list, by its filters. */
export interface ListPlace extends EntityOf {
  filter: object;
  updatedSince: string | null;
}

/** What changes from now on; there is one feed of an entity. */
export interface FeedPlace extends EntityOf {
  feed: "changes";
}

interface EntityOf {
  tenantId: string;
  connectionId: string;
  entity: string;
}

/**
 * A plugin's cursors on their way through a client. They are the vendor's, or a path at the vendor's API, and a plugin
 * does with them what they say: so a client gets them sealed, and gives back none but those.
 */
export interface Cursors {
  seal(place: CursorPlace, cursor: string): string;
  /** @throws `invalid-request` */
  open(place: CursorPlace, sealed: string): string;
}

/** Of the master key's id, in front of what it sealed. */
const separator = ".";

export function createCursors(masterKey: MasterKey): Cursors {
  /** A key of its own for this use: it seals more than the master key should. */
  const keys = new Map(
    [...masterKey.keys].map(([id, key]) => [
      id,
      Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), "plugboard entity cursors", 32)),
    ]),
  );
  return {
    seal(place, cursor) {
      const key = keys.get(masterKey.id);
      if (!key) throw new TypeError("The master key's own id is not among its keys.");
      return `${masterKey.id}${separator}${seal(key, cursor, boundTo(place)).toString("base64url")}`;
    },
    open(place, sealed) {
      const [id = "", body = ""] = sealed.split(separator);
      const key = keys.get(id);
      try {
        if (key) return open(key, Buffer.from(body, "base64url"), boundTo(place)).toString("utf8");
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error;
      }
      throw unknownCursor(place);
    },
  };
}

function unknownCursor(place: CursorPlace): PlugboardError {
  const isFeed = "feed" in place;
  const of = isFeed ? "of the changes of this entity" : "one of this list, with these filters";
  const message = isFeed
    ? "must be the cursor of the answer before"
    : "must be the nextCursor of the page before";
  return httpErrors.error("invalid-request", `The cursor is not ${of}. Start again without a cursor.`, {
    problems: [{ in: "query", pointer: "/cursor", message }],
  });
}

function boundTo(place: CursorPlace): string {
  const { tenantId, connectionId, entity } = place;
  if ("feed" in place) return `${place.feed}:${tenantId}:${connectionId}:${entity}`;
  const fields = Object.entries(place.filter).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256")
    .update(JSON.stringify([fields, place.updatedSince]))
    .digest("base64url");
  return `cursor:${tenantId}:${connectionId}:${entity}:${digest}`;
}
