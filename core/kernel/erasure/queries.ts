import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";

type Db = Kysely<CoreDatabase>;

/** @returns whether there is such a tenant */
export async function markErasing(tx: Db, tenantId: string): Promise<boolean> {
  const row = await tx
    .updateTable("tenants")
    .set({ erasing_since: sql<Date>`coalesce(erasing_since, now())` })
    .where("id", "=", tenantId)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteApiKeys(tx: Db, tenantId: string): Promise<string[]> {
  const rows = await tx.deleteFrom("api_keys").where("tenant_id", "=", tenantId).returning("id").execute();
  return rows.map(({ id }) => id);
}

export async function switchOffConnections(tx: Db, tenantId: string): Promise<string[]> {
  const rows = await tx
    .updateTable("connections")
    .set({ status: "inactive", status_reason: null })
    .where("tenant_id", "=", tenantId)
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

export async function listConnections(db: Db, tenantId: string) {
  return db.selectFrom("connections").selectAll().where("tenant_id", "=", tenantId).execute();
}

/** All that is sealed, and the keys to it. @returns the ids of the connections */
export async function shred(tx: Db, tenantId: string): Promise<string[]> {
  const connections = await tx
    .deleteFrom("connections")
    .where("tenant_id", "=", tenantId)
    .returning("id")
    .execute();
  await tx.deleteFrom("oauth_flows").where("tenant_id", "=", tenantId).execute();
  await tx.deleteFrom("token_revocations").where("tenant_id", "=", tenantId).execute();
  await tx.deleteFrom("files").where("tenant_id", "=", tenantId).execute();
  await tx.deleteFrom("data_keys").where("tenant_id", "=", tenantId).execute();
  await tx.updateTable("tenants").set({ wrapped_reference_key: null }).where("id", "=", tenantId).execute();
  return connections.map(({ id }) => id);
}

export async function listInstallIds(db: Db, tenantId: string): Promise<string[]> {
  const rows = await db.selectFrom("installs").select("id").where("tenant_id", "=", tenantId).execute();
  return rows.map(({ id }) => id);
}

/** Whether somebody installs, changes or removes a plugin of the tenant just now. */
export async function isChanging(db: Db, tenantId: string): Promise<boolean> {
  const row = await db
    .selectFrom("install_changes")
    .select("plugin")
    .where("tenant_id", "=", tenantId)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those whose erasure has begun. */
export async function listErasing(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("tenants").select("id").where("erasing_since", "is not", null).execute();
  return rows.map(({ id }) => id);
}

/** @returns how many */
export async function deleteEvents(db: Db, tenantId: string, most: number): Promise<number> {
  const some = db.selectFrom("events").select("id").where("tenant_id", "=", tenantId).limit(most);
  const deleted = await db.deleteFrom("events").where("id", "in", some).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** The tenant, and with it all that refers to it. */
export async function deleteTenant(tx: Db, tenantId: string): Promise<void> {
  // First of all: whoever counts its usage at this moment has written before, or finds it gone.
  await tx.selectFrom("tenants").select("id").where("id", "=", tenantId).forUpdate().execute();
  for (const table of ["usage_windows", "spend_caps", "entitlements"] as const)
    await tx.deleteFrom(table).where("tenant_id", "=", tenantId).execute();
  await tx.deleteFrom("tenants").where("id", "=", tenantId).execute();
}
