import type { Kysely } from "kysely";
import type { CoreDatabase, StatusReason } from "../../tables.ts";
import type { Events } from "../events/index.ts";
import { type ConnectionRow, findPlugin } from "./queries.ts";

/** What an owner is told of a connection. */
export interface Notices {
  /** It is in use: for the first time, or again after an account was connected anew. */
  connected(row: ConnectionRow, db: Kysely<CoreDatabase>): Promise<void>;
  /** It cannot be used any more, until somebody does something. */
  failed(row: ConnectionRow, reason: StatusReason, db: Kysely<CoreDatabase>): Promise<void>;
  /** It works again by itself. */
  recovered(row: ConnectionRow, db: Kysely<CoreDatabase>): Promise<void>;
  /** Its credential ends then. */
  expiring(row: ConnectionRow, expiresAt: Date, db: Kysely<CoreDatabase>): Promise<void>;
}

export function createNotices({ events }: { events: Pick<Events, "append"> }): Notices {
  async function tell(type: string, row: ConnectionRow, about: object, db: Kysely<CoreDatabase>) {
    // Within the caller's transaction, which holds a line to the database already.
    const plugin = await findPlugin(db, row.tenant_id, row.install_id);
    if (plugin === undefined) return; // removed in this moment, with its connections
    const data = { connectionId: row.id, installId: row.install_id, plugin, name: row.name, ...about };
    const source = { host: true, installId: row.install_id } as const;
    await events.append({ tenantId: row.tenant_id, type, source, data }, db);
  }

  return {
    connected: (row, db) => tell("plugboard.connection.connected", row, {}, db),
    failed: (row, reason, db) => tell("plugboard.connection.failed", row, { reason }, db),
    recovered: (row, db) => tell("plugboard.connection.recovered", row, {}, db),
    expiring: (row, expiresAt, db) =>
      tell("plugboard.connection.expiring", row, { expiresAt: expiresAt.toISOString() }, db),
  };
}
