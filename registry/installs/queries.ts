import type { InstallChange, InstallStatus, RegistryDatabase } from "../tables.ts";

export async function insertInstall(
  db: RegistryDatabase,
  install: {
    id: string;
    tenant_id: string;
    plugin: string;
    version: string;
    consent: string;
    receipt: string;
    made_by?: string | undefined;
    at: Date;
  },
) {
  const { at, ...facts } = install;
  return (
    db
      .insertInto("installs")
      .values({ ...facts, status: "active", created_at: at, updated_at: at })
      // Of two at once for one tenant and plugin, one wins.
      .onConflict((conflict) =>
        conflict.columns(["tenant_id", "plugin"]).where("status", "=", "active").doNothing(),
      )
      .returningAll()
      .executeTakeFirst()
  );
}

export type InstallRow = NonNullable<Awaited<ReturnType<typeof insertInstall>>>;

export async function findActiveInstall(db: RegistryDatabase, tenantId: string, plugin: string) {
  return db
    .selectFrom("installs")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("status", "=", "active")
    .executeTakeFirst();
}

export async function findInstall(db: RegistryDatabase, tenantId: string, id: string) {
  return db
    .selectFrom("installs")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Nobody else changes the install until the transaction ends. */
export async function lockInstall(transaction: RegistryDatabase, id: string) {
  return transaction
    .selectFrom("installs")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export async function findPermissions(db: RegistryDatabase, plugin: string, version: string) {
  const row = await db
    .selectFrom("versions")
    .select("permissions")
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .executeTakeFirstOrThrow();
  return row.permissions;
}

export async function listInstalls(
  db: RegistryDatabase,
  query: { tenantId: string; status: InstallStatus; limit: number; after: string | undefined },
) {
  let rows = db
    .selectFrom("installs")
    .selectAll()
    .where("tenant_id", "=", query.tenantId)
    .where("status", "=", query.status)
    .orderBy("id")
    .limit(query.limit);
  if (query.after !== undefined) rows = rows.where("id", ">", query.after);
  return rows.execute();
}

export async function changeInstall(
  db: RegistryDatabase,
  id: string,
  change: { version: string; consent: string; receipt: string; updated_at: Date },
) {
  return db.updateTable("installs").set(change).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
}

/** Unless the install has moved on meanwhile. */
export async function replaceReceipt(db: RegistryDatabase, row: InstallRow, receipt: string) {
  const replaced = await db
    .updateTable("installs")
    .set({ receipt })
    .where("id", "=", row.id)
    .where("receipt", "=", row.receipt)
    .returningAll()
    .executeTakeFirst();
  return replaced ?? row;
}

export async function endInstall(db: RegistryDatabase, id: string, at: Date) {
  await db
    .updateTable("installs")
    .set({ status: "uninstalled", updated_at: at })
    .where("id", "=", id)
    .execute();
}

export async function appendHistory(
  db: RegistryDatabase,
  entry: {
    install_id: string;
    change: InstallChange;
    version: string;
    consent: string;
    receipt: string | null;
    at: Date;
  },
) {
  await db.insertInto("install_history").values(entry).execute();
}

export async function listHistory(db: RegistryDatabase, installId: string) {
  return db
    .selectFrom("install_history")
    .select(["change", "version", "consent", "at"])
    .where("install_id", "=", installId)
    .orderBy("id")
    .execute();
}

/** The version that the install was at before its last change. */
export async function findVersionBefore(
  db: RegistryDatabase,
  installId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("install_history")
    .select("version")
    .where("install_id", "=", installId)
    .orderBy("id", "desc")
    .offset(1)
    .limit(1)
    .executeTakeFirst();
  return row?.version;
}

/** Whether the tenant said yes to exactly these permissions at some time of this install. */
export async function wasConsentedTo(
  db: RegistryDatabase,
  installId: string,
  consent: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("install_history")
    .select("id")
    .where("install_id", "=", installId)
    .where("consent", "=", consent)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
