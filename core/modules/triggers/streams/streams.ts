import type { Kysely } from "kysely";
import { holdTenant } from "../../../kernel/access/index.ts";
import type { Changes } from "../../../kernel/changes/index.ts";
import type { CoreDatabase } from "../../../tables.ts";
import type { TriggerPlace } from "../queries.ts";
import * as queries from "./queries.ts";

/** How a trigger on a stream is doing. */
export interface StreamState {
  enabled: boolean;
  config: { [field: string]: unknown };
  /** `waiting`: for its time, or for a host with room. */
  status: "off" | "waiting" | "connecting" | "open";
  /** Since when it is that. */
  since: string;
  /** When another socket is opened, while it waits. */
  nextAttemptAt: string | null;
  /** Sockets in a row that could not be opened, or did not last. */
  failures: number;
  lastError: { code: string; detail: string } | null;
  /** How the vendor closed the last socket. */
  lastClose: { code: number; reason: string } | null;
  /** Some seconds late, as are the counts. */
  lastMessageAt: string | null;
  received: number;
  sent: number;
  /** Items that were told, since it was switched on first. */
  told: number;
}

export interface Streams {
  /** Of the connection, by the triggers' names. */
  list(tenantId: string, connectionId: string): Promise<Map<string, StreamState>>;
  /** @throws `tenant-not-found` */
  put(
    tenantId: string,
    place: TriggerPlace,
    wish: { isEnabled: boolean; config: object; isAnew: boolean },
  ): Promise<void>;
}

export function createStreams({ db, changes }: { db: Kysely<CoreDatabase>; changes: Changes }): Streams {
  return {
    async list(tenantId, connectionId) {
      const rows = await queries.listStreams(db, tenantId, connectionId);
      return new Map(rows.map((row) => [row.trigger, stateOf(row)]));
    },
    async put(tenantId, place, wish) {
      await changes.transaction(db, async (tx, announce) => {
        await holdTenant(tx, tenantId);
        await queries.writeStream(tx, place, { tenantId, ...wish });
        await announce("stream", place.connectionId, tenantId);
      });
    },
  };
}

function stateOf(row: queries.ShownStream): StreamState {
  // A host that has died says nothing more.
  const phase = row.is_held ? row.phase : "waiting";
  const isOpen = phase === "open";
  return {
    enabled: row.is_enabled,
    config: row.config,
    status: row.is_enabled ? phase : "off",
    since: row.phase_since.toISOString(),
    nextAttemptAt: row.is_enabled && phase === "waiting" ? row.due_at.toISOString() : null,
    failures: isOpen ? 0 : row.failures,
    lastError: isOpen ? null : row.last_error,
    lastClose: row.last_close,
    lastMessageAt: row.last_message_at?.toISOString() ?? null,
    received: row.received_count,
    sent: row.sent_count,
    told: row.told_count,
  };
}
