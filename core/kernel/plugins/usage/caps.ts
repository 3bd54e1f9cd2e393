import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { type Changes, createCachedLookup } from "../../changes/index.ts";
import { fromKey, toKey } from "../tenant-plugin-key.ts";
import * as queries from "./queries.ts";

/** How much tenants want to owe for a plugin in a month at most, in minor units. */
export interface SpendCaps {
  /** From memory, but for the first time. Null: no cap. */
  get(tenantId: string, plugin: string): Promise<number | null>;
  list(tenantId: string): Promise<{ plugin: string; amount: number }[]>;
  /** In force on every host a moment later. */
  set(tenantId: string, plugin: string, amount: number): Promise<void>;
  remove(tenantId: string, plugin: string): Promise<void>;
}

export function createSpendCaps({ db, changes }: { db: Kysely<CoreDatabase>; changes: Changes }): SpendCaps {
  // That there is none is an answer too, and the one that most calls get.
  const caps = createCachedLookup<{ amount: number | null }>({
    changes,
    topic: "spend-cap",
    async load(key) {
      const { tenantId, plugin } = fromKey(key);
      return { amount: (await queries.findCap(db, tenantId, plugin))?.amount ?? null };
    },
  });
  return {
    get: async (tenantId, plugin) => (await caps.get(toKey({ tenantId, plugin })))?.amount ?? null,
    list: (tenantId) => queries.listCaps(db, tenantId),
    async set(tenantId, plugin, amount) {
      await changes.transaction(db, async (transaction, announce) => {
        await announce("spend-cap", toKey({ tenantId, plugin }));
        await queries.putCap(transaction, { tenant_id: tenantId, plugin, amount });
      });
    },
    async remove(tenantId, plugin) {
      await changes.transaction(db, async (transaction, announce) => {
        await announce("spend-cap", toKey({ tenantId, plugin }));
        await queries.deleteCap(transaction, tenantId, plugin);
      });
    },
  };
}
