import { generateDataKey, type KeyManagement } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import { type Changes, createCachedLookup } from "../changes/index.ts";
import * as queries from "./queries.ts";

/** The data keys of tenants, unwrapped. */
export interface DataKeys {
  /** The one that seals now. @throws if the tenant is gone, or is being erased */
  current(tenantId: string): Promise<DataKey>;
  /** The one of this generation. @throws if it is gone */
  at(tenantId: string, generation: number): Promise<Buffer>;
}

export interface DataKey {
  generation: number;
  key: Buffer;
}

/** Makes a tenant's first key, in the transaction that makes the tenant. */
export async function makeFirstDataKey(
  db: Kysely<CoreDatabase>,
  keys: KeyManagement,
  tenantId: string,
): Promise<void> {
  await queries.insertDataKey(db, {
    tenant_id: tenantId,
    generation: 1,
    wrapped_key: await keys.wrap(generateDataKey()),
  });
}

export function createDataKeys(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  keys: KeyManagement;
}): DataKeys {
  const { db, changes, keys } = options;
  const byTenant = createCachedLookup({
    changes,
    topic: "data-key",
    load: (tenantId) => load(tenantId),
  });

  async function load(tenantId: string): Promise<DataKey[] | undefined> {
    const rows = await queries.listDataKeys(db, tenantId);
    if (rows.length === 0) return undefined;
    return Promise.all(
      rows.map(async ({ generation, wrapped_key }) => ({ generation, key: await keys.unwrap(wrapped_key) })),
    );
  }

  return {
    async current(tenantId) {
      const newest = (await byTenant.get(tenantId))?.at(-1);
      if (!newest) throw gone(tenantId);
      return newest;
    },
    async at(tenantId, generation) {
      const held = (await byTenant.get(tenantId))?.find((key) => key.generation === generation);
      // A generation that another host has just begun with may not be announced here yet.
      const found = held ?? (await load(tenantId))?.find((key) => key.generation === generation);
      if (!found) throw gone(tenantId);
      return found.key;
    },
  };
}

function gone(tenantId: string): Error {
  return new Error(`the data key of ${tenantId} is gone, and what was sealed under it with it`);
}
