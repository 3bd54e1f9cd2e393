import type { EntitlementSource, EntitlementState } from "../../pricing-tables.ts";
import type { RegistryDatabase } from "../../tables.ts";

export async function findEntitlement(db: RegistryDatabase, tenantId: string, plugin: string) {
  return db
    .selectFrom("entitlements")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .executeTakeFirst();
}

/** Whose right to run the plugin is in force. */
export async function listLive(db: RegistryDatabase, plugin: string, tenantIds: string[], at: Date) {
  const rows = await db
    .selectFrom("entitlements")
    .select("tenant_id")
    .where("plugin", "=", plugin)
    .where("tenant_id", "in", tenantIds)
    .where("state", "=", "active")
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", at)]))
    .execute();
  return rows.map((row) => row.tenant_id);
}

export type EntitlementRow = NonNullable<Awaited<ReturnType<typeof findEntitlement>>>;

/** Nobody else changes it until the transaction ends. */
export async function lockEntitlement(transaction: RegistryDatabase, tenantId: string, plugin: string) {
  return transaction
    .selectFrom("entitlements")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .forUpdate()
    .executeTakeFirst();
}

export interface EntitlementFacts {
  state: EntitlementState;
  source: EntitlementSource;
  terms: string;
  /** JSON text. */
  pricing: string;
  expires_at: Date | null;
  trial_used: boolean;
  updated_at: Date;
}

/** @returns undefined where another request was faster */
export async function insertEntitlement(
  db: RegistryDatabase,
  entitlement: EntitlementFacts & { id: string; tenant_id: string; plugin: string },
) {
  return db
    .insertInto("entitlements")
    .values({ ...entitlement, revision: 1 })
    .onConflict((conflict) => conflict.columns(["tenant_id", "plugin"]).doNothing())
    .returningAll()
    .executeTakeFirst();
}

export async function changeEntitlement(
  db: RegistryDatabase,
  { id, revision }: EntitlementRow,
  change: Partial<EntitlementFacts>,
) {
  return db
    .updateTable("entitlements")
    .set({ ...change, revision: revision + 1 })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function appendHistory(db: RegistryDatabase, row: EntitlementRow, reason: string) {
  const { id, revision, state, source, expires_at, updated_at, terms } = row;
  const pricing = JSON.stringify(row.pricing);
  await db
    .insertInto("entitlement_history")
    .values({
      entitlement_id: id,
      revision,
      state,
      source,
      expires_at,
      reason,
      at: updated_at,
      terms,
      pricing,
    })
    .execute();
}

export async function listHistory(db: RegistryDatabase, id: string) {
  return db
    .selectFrom("entitlement_history")
    .selectAll()
    .where("entitlement_id", "=", id)
    .orderBy("revision")
    .execute();
}
