import { type Kysely, sql } from "kysely";
import type { CoreDatabase, InstallStatus, UpdateChannel } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";

export interface InstallFacts {
  id: string;
  tenant_id: string;
  plugin: string;
  version: string;
  status: InstallStatus;
  tarball_sha512: string;
  consent: string;
  receipt: string;
  /** JSON. */
  permissions?: string;
  categories?: string[];
}

export type InstallRow = NonNullable<Awaited<ReturnType<typeof insertInstall>>>;

/** @returns undefined if the tenant has an install of this plugin already; nothing is changed then */
export async function insertInstall(
  db: Kysely<CoreDatabase>,
  install: InstallFacts & { channel?: UpdateChannel; created_at?: Date; updated_at?: Date },
) {
  return db
    .insertInto("installs")
    .values(install)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Puts another release under an install. @returns undefined if the install is gone, which it then stays */
export async function changeInstall(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  id: string,
  {
    endsStorageEpoch = false,
    ...change
  }: Pick<
    InstallFacts,
    "version" | "tarball_sha512" | "consent" | "receipt" | "permissions" | "categories"
  > & {
    status?: InstallStatus;
    policy_refusal?: null;
    endsStorageEpoch?: boolean;
  },
) {
  return db
    .updateTable("installs")
    .set((eb) => ({
      ...change,
      updated_at: sql<Date>`now()`,
      ...(endsStorageEpoch && { storage_epoch: eb("storage_epoch", "+", 1) }),
    }))
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}

/** Unless the install has moved on meanwhile. */
export async function replaceReceipt(
  db: Kysely<CoreDatabase>,
  row: Pick<InstallFacts, "id" | "tenant_id" | "receipt">,
  receipt: string,
) {
  await db
    .updateTable("installs")
    .set({ receipt })
    .where("tenant_id", "=", row.tenant_id)
    .where("id", "=", row.id)
    .where("receipt", "=", row.receipt)
    .execute();
}

export async function findInstall(db: Kysely<CoreDatabase>, id: string) {
  return db.selectFrom("installs").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function findInstallOfPlugin(db: Kysely<CoreDatabase>, tenantId: string, plugin: string) {
  return db
    .selectFrom("installs")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .executeTakeFirst();
}

/** @param only `update`: those for which there is a newer version */
export async function listInstalls(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  page: PageRequest,
  only?: "update",
) {
  let query = db
    .selectFrom("installs")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  if (only === "update") {
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("install_updates")
          .select("install_id")
          .whereRef("install_updates.install_id", "=", "installs.id")
          .where("install_updates.tenant_id", "=", tenantId)
          .where("install_updates.update", "is not", null),
      ),
    );
  }
  return query.execute();
}

/** Which of `plugins` the tenant has, to mark them in the marketplace. */
export async function listInstallsOfPlugins(db: Kysely<CoreDatabase>, tenantId: string, plugins: string[]) {
  if (plugins.length === 0) return [];
  return db
    .selectFrom("installs")
    .select(["id", "plugin", "version", "status"])
    .where("tenant_id", "=", tenantId)
    .where("plugin", "in", plugins)
    .execute();
}

export async function setInstallStatus(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  id: string,
  status: InstallStatus,
) {
  return db
    .updateTable("installs")
    .set({ status, updated_at: sql<Date>`now()` })
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}

export async function setInstallChannel(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  id: string,
  channel: UpdateChannel,
) {
  return db
    .updateTable("installs")
    .set({ channel, updated_at: sql<Date>`now()` })
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}

/** Above which version an install is upgraded by itself; null: above the one it is at. */
export async function findUpgradesAbove(db: Kysely<CoreDatabase>, id: string): Promise<string | null> {
  const row = await db
    .selectFrom("install_updates")
    .select("above")
    .where("install_id", "=", id)
    .executeTakeFirst();
  return row?.above ?? null;
}

/** What was known of newer versions is of another version by now, or for another channel: it is looked at anew. */
export async function forgetUpdate(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  id: string,
  above: string | null,
): Promise<void> {
  const fresh = { looked_seq: -1, automatic: null, update: null, above, failures: 0, retry_at: null };
  await db
    .insertInto("install_updates")
    .values({ install_id: id, tenant_id: tenantId, ...fresh })
    .onConflict((conflict) => conflict.column("install_id").doUpdateSet(fresh))
    .execute();
}

/** What a new version has to fit: the settings of each connection, and how it authenticates. */
export async function listConnections(db: Kysely<CoreDatabase>, tenantId: string, installId: string) {
  return db
    .selectFrom("connections")
    .select(["id", "name", "config", "auth_type"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .orderBy("id")
    .execute();
}

export async function listConnectionIds(db: Kysely<CoreDatabase>, tenantId: string, installId: string) {
  const rows = await db
    .selectFrom("connections")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .limit(100)
    .execute();
  return rows.map((row) => row.id);
}

/**
 * Holds the install until the transaction ends: no connection is put under it or changed meanwhile. Not `for update`,
 * which a plugin's storage would wait for, whose rows this transaction may have to wait for.
 */
export async function lockInstall(db: Kysely<CoreDatabase>, tenantId: string, id: string) {
  return db
    .selectFrom("installs")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** Which of the releases some install runs, on whatever host. */
export async function listReleasesInUse(db: Kysely<CoreDatabase>, digests: string[]): Promise<string[]> {
  if (digests.length === 0) return [];
  const rows = await db
    .selectFrom("installs")
    .select("tarball_sha512")
    .distinct()
    .where("tarball_sha512", "in", digests)
    .execute();
  return rows.map((row) => row.tarball_sha512);
}

export async function deleteInstall(db: Kysely<CoreDatabase>, tenantId: string, id: string) {
  return db.deleteFrom("installs").where("tenant_id", "=", tenantId).where("id", "=", id).executeTakeFirst();
}

/** The oldest first. */
export async function listActiveInstalls(db: Kysely<CoreDatabase>, tenantId: string): Promise<InstallRow[]> {
  return db
    .selectFrom("installs")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("status", "=", "active")
    .orderBy("id")
    .execute();
}
