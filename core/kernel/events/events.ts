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
  /** Its place in the log. */
  seq: number;
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

/** An event of a plugin; with the same `dedupeKey` it is stored once for each install. */
export interface PublishedEvent extends NewEvent {
  /** Made up if not given. */
  id?: string;
  source: Extract<EventSource, { plugin: string }>;
}

/** What one plugin may tell one tenant. */
export interface EventQuota {
  perMinute: number;
  /** Of all that are kept, with what is kept around each. */
  bytes: number;
}

/** `told`: before, under this id. `rate`, `bytes`: that part of the quota is used up, and nothing was stored. */
export type Published = { outcome: "ok" | "told"; id: string } | { outcome: "rate" | "bytes" };

export interface Events {
  /**
   * Stores what the host itself says; with a transaction as `db`, together with what it is about.
   * Answers the id it is stored under: that of the first, if it was told before.
   */
  append(event: NewEvent, db?: Kysely<CoreDatabase>): Promise<{ id: string; isNew: boolean }>;
  /** Stores what a plugin says, if its quota has room for it. */
  publish(event: PublishedEvent, quota: EventQuota, db?: Kysely<CoreDatabase>): Promise<Published>;
  /** The id under which the install told this. */
  findTold(tenantId: string, installId: string, dedupeKey: string): Promise<string | undefined>;
  list(tenantId: string, filter: { type?: string }, page: PageRequest): Promise<Event[]>;
  /** Deletes what is older (by default than 30 days), a batch at a time, until there is nothing more or `signal` says so. @returns how many */
  prune(days: number | undefined, signal: AbortSignal): Promise<number>;
}

/** What a row and its places in the indexes take, about. So that many small events count too. */
const bytesAround = 512;

const defaultDays = 30;

/** One batch is deleted in a few ms, and nothing else waits for it. */
const batchRows = 1_000;

export function createEvents({ db }: { db: Kysely<CoreDatabase> }): Events {
  return {
    async append({ dedupeKey, ...event }, inside = db) {
      const { tenantId, type, source } = event;
      const id = newId("evt");
      const row = { id, tenant_id: tenantId, type, dedupe_key: dedupeKey ?? null, ...jsonOf(event) };
      if (await queries.insertEvent(inside, row)) return { id, isNew: true };
      const first = await queries.findEventByKey(inside, tenantId, source.installId, dedupeKey ?? null);
      return { id: first?.id ?? id, isNew: false };
    },

    async publish({ id = newId("evt"), tenantId, type, dedupeKey, ...event }, quota, inside = db) {
      const json = jsonOf(event);
      const bytes = bytesAround + Buffer.byteLength(json.data) + Buffer.byteLength(json.source);
      const row = { id, tenant_id: tenantId, type, dedupe_key: dedupeKey ?? null, ...json };
      return queries.publishEvent(inside, row, bytes, quota);
    },

    async findTold(tenantId, installId, dedupeKey) {
      return (await queries.findEventByKey(db, tenantId, installId, dedupeKey))?.id;
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
        seq: row.seq,
      }));
    },

    async prune(days = defaultDays, signal) {
      let pruned = 0;
      for (let batch = batchRows; batch === batchRows && !signal.aborted; pruned += batch)
        batch = await queries.deleteOldEvents(db, days, batchRows);
      await queries.deleteOldUsage(db, days);
      return pruned;
    },
  };
}

function jsonOf({ source, data }: Pick<NewEvent, "source" | "data">) {
  return { source: JSON.stringify(source), data: JSON.stringify(data) };
}
