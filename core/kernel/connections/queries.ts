import { type Kysely, sql } from "kysely";
import type { ConnectionStatus, CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";

export interface NewConnectionRow {
  id: string;
  tenant_id: string;
  install_id: string;
  name: string;
  config: Record<string, unknown>;
  auth_type: string;
  sealed_credential: Buffer;
  status: ConnectionStatus;
}

export type ConnectionRow = Awaited<ReturnType<typeof insertConnection>>;

export async function insertConnection(db: Kysely<CoreDatabase>, row: NewConnectionRow) {
  return db
    .insertInto("connections")
    .values({ ...row, config: JSON.stringify(row.config) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Waits for a change of the install, and keeps the next one waiting until the transaction ends. */
export async function holdInstall(tx: Kysely<CoreDatabase>, tenantId: string, installId: string) {
  return tx
    .selectFrom("installs")
    .select("tarball_sha512")
    .where("tenant_id", "=", tenantId)
    .where("id", "=", installId)
    .forShare()
    .executeTakeFirst();
}

export async function isBeingUninstalled(tx: Kysely<CoreDatabase>, tenantId: string, plugin: string) {
  const row = await tx
    .selectFrom("install_changes")
    .select("kind")
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("kind", "=", "uninstall")
    .executeTakeFirst();
  return row !== undefined;
}

export async function findConnection(db: Kysely<CoreDatabase>, id: string) {
  return db.selectFrom("connections").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function listConnections(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  page: PageRequest & { installId?: string },
) {
  let query = db
    .selectFrom("connections")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  if (page.installId !== undefined) query = query.where("install_id", "=", page.installId);
  return query.execute();
}

export interface ConnectionPatch {
  name?: string;
  status?: ConnectionStatus;
  config?: Record<string, unknown>;
  auth_type?: string;
  sealed_credential?: Buffer;
}

export async function updateConnection(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  id: string,
  patch: ConnectionPatch,
) {
  const { config, ...columns } = patch;
  return db
    .updateTable("connections")
    .set({ ...columns, ...(config && { config: JSON.stringify(config) }), updated_at: sql<Date>`now()` })
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}

export async function deleteConnection(db: Kysely<CoreDatabase>, tenantId: string, id: string) {
  return db
    .deleteFrom("connections")
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
}
