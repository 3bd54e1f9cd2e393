import { createHash, hkdfSync } from "node:crypto";
import { CryptoError, type MasterKey, open, seal } from "@plugboard/service-kit/crypto";
import { httpErrors } from "@plugboard/service-kit/http";

/** Which list a cursor is of; a cursor of another opens none. */
export interface ListPlace {
  tenantId: string;
  connectionId: string;
  entity: string;
  filter: object;
  updatedSince: string | null;
}

/**
 * A plugin's cursors on their way through a client. They are the vendor's, or a path at the vendor's API, and a plugin
 * does with them what they say: so a client gets them sealed, and gives back none but those.
 */
export interface Cursors {
  seal(place: ListPlace, cursor: string): string;
  /** @throws `invalid-request` */
  open(place: ListPlace, sealed: string): string;
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
      throw httpErrors.error(
        "invalid-request",
        "The cursor is not one of this list, with these filters. Start again without a cursor.",
        {
          problems: [
            { in: "query", pointer: "/cursor", message: "must be the nextCursor of the page before" },
          ],
        },
      );
    },
  };
}

function boundTo({ tenantId, connectionId, entity, filter, updatedSince }: ListPlace): string {
  const fields = Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256")
    .update(JSON.stringify([fields, updatedSince]))
    .digest("base64url");
  return `cursor:${tenantId}:${connectionId}:${entity}:${digest}`;
}
