import { newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase, EventSource } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";
import * as queries from "./queries.ts";

/** A fact, stored once. */
export interface Event {
  id: string;
  tenantId: string;
  type: string;
  source: EventSource;
  /** Any JSON. */
  data: unknown;
  createdAt: string;
}

export interface NewEvent {
  tenantId: string;
  /** Dotted, such as `payment.succeeded`. Those that begin with `plugboard.` are the host's own. */
  type: string;
  source: EventSource;
  data: unknown;
  /** The same fact told twice by one install, with the same key, is stored once. */
  dedupeKey?: string | undefined;
}

export interface Events {
  /**
   * Stores an event; with a transaction as `db`, together with what it is about.
   * Answers the id it is stored under: that of the first, if it was told before.
   */
  append(event: NewEvent, db?: Kysely<CoreDatabase>): Promise<{ id: string; isNew: boolean }>;
  list(tenantId: string, filter: { type?: string }, page: PageRequest): Promise<Event[]>;
}

export function createEvents({ db }: { db: Kysely<CoreDatabase> }): Events {
  return {
    async append({ tenantId, type, source, data, dedupeKey }, inside = db) {
      const id = newId("evt");
      const row = {
        id,
        tenant_id: tenantId,
        type,
        source: JSON.stringify(source),
        data: JSON.stringify(data),
        dedupe_key: dedupeKey ?? null,
      };
      if (await queries.insertEvent(inside, row)) return { id, isNew: true };
      const first = await queries.findEventByKey(inside, tenantId, source.installId, dedupeKey ?? null);
      return { id: first?.id ?? id, isNew: false };
    },

    async list(tenantId, filter, page) {
      const rows = await queries.listEvents(db, tenantId, filter, page);
      return rows.map((row) => ({
        id: row.id,
        tenantId: row.tenant_id,
        type: row.type,
        source: row.source,
        data: row.data,
        createdAt: row.created_at.toISOString(),
      }));
    },
  };
}
