import type { Json } from "@plugboard/sandbox";
import { newId } from "@plugboard/service-kit/crypto";
import jsonPatch from "fast-json-patch";
import type { Kysely } from "kysely";
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
}

interface NewChange {
  tenantId: string;
  before: Json;
  after: Json;
  maxPatchBytes: number;
}

/** What is older, or more than this of one tenant, goes; looked at every so many changes. */
const keptDays = 30;
const keptPerTenant = 10_000;
const pruneEvery = 100;

/** Two values are compared part by part up to this size; the comparison runs on the host's own thread. */
const maxComparedBytes = 256 * 1024;

export function createHookChanges({ db }: { db: Kysely<CoreDatabase> }): HookChanges {
  let recorded = 0;

  return {
    async record({ tenantId, before, after, maxPatchBytes, ...change }) {
      const patch = patchOf(before, after, maxPatchBytes);
      if (patch === undefined) return false;
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
      recorded++;
      if (recorded % pruneEvery === 0)
        await queries.pruneHookChanges(db, tenantId, { days: keptDays, rows: keptPerTenant });
      return true;
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

/** As JSON; null if it is too large, undefined if there is nothing to say. */
function patchOf(before: Json, after: Json, maxBytes: number): string | null | undefined {
  const [one, other] = [JSON.stringify(before), JSON.stringify(after)];
  if (one === other) return undefined;
  if (one.length > maxComparedBytes || other.length > maxComparedBytes) return null;
  const operations = jsonPatch.compare({ value: before }, { value: after }).map((operation) => ({
    ...operation,
    path: operation.path.slice("/value".length),
  }));
  if (operations.length === 0) return undefined;
  const text = JSON.stringify(operations);
  return Buffer.byteLength(text) > maxBytes ? null : text;
}
