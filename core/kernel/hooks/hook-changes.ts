import { createHash } from "node:crypto";
import type { Json } from "@plugboard/sandbox";
import { newId } from "@plugboard/service-kit/crypto";
import jsonPatch, { type Operation } from "fast-json-patch";
import type { Kysely } from "kysely";
import { LRUCache } from "lru-cache";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";
import * as queries from "./queries.ts";

/** One plugin changed a value on its way into another plugin's call. */
export interface HookChange {
  id: string;
  callId: string;
  hook: string;
  plugin: string;
  version: string;
  installId: string;
  connectionId: string;
  /** RFC 6902; null if it was too large to be kept. */
  patch: unknown[] | null;
  createdAt: string;
}

export interface HookChanges {
  /** Notes what became of `before`, unless nothing did. @returns whether something did */
  record(change: Omit<HookChange, "id" | "patch" | "createdAt"> & NewChange): Promise<boolean>;
  list(tenantId: string, filter: { callId?: string }, page: PageRequest): Promise<HookChange[]>;
  /** Deletes what is older than it is kept, and more than is kept of a tenant, of all tenants. @returns how many */
  prune(signal: AbortSignal): Promise<number>;
}

interface NewChange {
  tenantId: string;
  before: Json;
  after: Json;
  maxPatchBytes: number;
  record?: RecordPatch;
}

/** What of a patch is kept. */
export type RecordPatch = (operations: readonly Operation[], before: Json) => readonly Operation[];

const keptDays = 30;
const keptPerTenant = 10_000;
/** So many changes of one tenant on this host, and what is too much of it is deleted at once: not to fill the disk. */
const pruneEvery = 1_000;
const mostCounted = 10_000;
/** Of changes to requests and replies, to know those that a call has had before. */
const mostRemembered = 10_000;
/** One batch is deleted in a few ms, and nothing else waits for it. */
const batchRows = 1_000;

/** Two values are compared part by part up to this size; the comparison runs on the host's own thread. */
const maxComparedBytes = 256 * 1024;

export function createHookChanges({ db }: { db: Kysely<CoreDatabase> }): HookChanges {
  const recorded = new Map<string, number>();
  const ofCalls = new LRUCache<string, true>({ max: mostRemembered });

  /** @returns whether it is time to look at how much there is of the tenant */
  function count(tenantId: string): boolean {
    const changes = (recorded.get(tenantId) ?? 0) + 1;
    if (recorded.size >= mostCounted) recorded.clear();
    recorded.set(tenantId, changes % pruneEvery);
    return changes === pruneEvery;
  }

  async function pruneTenant(tenantId: string, signal?: AbortSignal): Promise<number> {
    let pruned = 0;
    for (let batch = batchRows; batch === batchRows && !signal?.aborted; pruned += batch)
      batch = await queries.deleteBeyond(db, tenantId, keptPerTenant, batchRows);
    return pruned;
  }

  return {
    async record({ tenantId, before, after, maxPatchBytes, record, ...change }) {
      const patch = patchOf(before, after, maxPatchBytes, record);
      if (patch === undefined) return false;
      // A call that reads a hundred pages has each stamped in the same way, which says no more than once.
      const once = record && digestOf([change.callId, change.installId, change.hook, patch]);
      if (once && ofCalls.has(once)) return true;
      await queries.insertHookChange(db, {
        id: newId("hkc"),
        tenant_id: tenantId,
        call_id: change.callId,
        hook: change.hook,
        plugin: change.plugin,
        version: change.version,
        install_id: change.installId,
        connection_id: change.connectionId,
        patch,
      });
      if (once) ofCalls.set(once, true);
      if (count(tenantId)) await pruneTenant(tenantId);
      return true;
    },

    async prune(signal) {
      let pruned = 0;
      for (let batch = batchRows; batch === batchRows && !signal.aborted; pruned += batch)
        batch = await queries.deleteOld(db, keptDays, batchRows);
      for (const tenantId of await queries.listTenantsBeyond(db, keptPerTenant))
        pruned += await pruneTenant(tenantId, signal);
      return pruned;
    },

    async list(tenantId, filter, page) {
      const rows = await queries.listHookChanges(db, tenantId, filter, page);
      return rows.map((row) => ({
        id: row.id,
        callId: row.call_id,
        hook: row.hook,
        plugin: row.plugin,
        version: row.version,
        installId: row.install_id,
        connectionId: row.connection_id,
        patch: row.patch,
        createdAt: row.created_at.toISOString(),
      }));
    },
  };
}

function digestOf(parts: readonly (string | null)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

/** As JSON; null if it is too large, undefined if there is nothing to say. */
function patchOf(
  before: Json,
  after: Json,
  maxBytes: number,
  keep: RecordPatch = (operations) => operations,
): string | null | undefined {
  const [one, other] = [JSON.stringify(before), JSON.stringify(after)];
  if (one === other) return undefined;
  if (one.length > maxComparedBytes || other.length > maxComparedBytes) return null;
  const operations = jsonPatch.compare({ value: before }, { value: after }).map((operation) => ({
    ...operation,
    path: operation.path.slice("/value".length),
  }));
  if (operations.length === 0) return undefined;
  const text = JSON.stringify(keep(operations, before));
  return Buffer.byteLength(text) > maxBytes ? null : text;
}
