import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { type Kysely, sql, type Updateable } from "kysely";
import type { ConnectionStatus, CoreDatabase, StatusReason } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";

type Db = Kysely<CoreDatabase>;

export interface NewConnectionRow {
  id: string;
  tenant_id: string;
  install_id: string;
  name: string;
  config: Record<string, unknown>;
  requests: RequestsDeclaration | null;
  auth_type: string;
  sealed_credential: Buffer | null;
  key_generation: number | null;
  credential_expires_at: Date | null;
  status: ConnectionStatus;
}

export type ConnectionRow = Awaited<ReturnType<typeof insertConnection>>;

export async function insertConnection(db: Db, row: NewConnectionRow) {
  return db
    .insertInto("connections")
    .values({
      ...row,
      config: JSON.stringify(row.config),
      requests: row.requests && JSON.stringify(row.requests),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Up to `most`. */
export async function countConnections(db: Db, tenantId: string, most: number): Promise<number> {
  const some = db.selectFrom("connections").select("id").where("tenant_id", "=", tenantId).limit(most);
  const { count } = await db
    .selectFrom(some.as("some"))
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

/** Waits for a change of the install, and keeps the next one waiting until the transaction ends. */
export async function holdInstall(tx: Db, tenantId: string, installId: string) {
  return tx
    .selectFrom("installs")
    .select("tarball_sha512")
    .where("tenant_id", "=", tenantId)
    .where("id", "=", installId)
    .forShare()
    .executeTakeFirst();
}

export async function isBeingUninstalled(tx: Db, tenantId: string, plugin: string) {
  const row = await tx
    .selectFrom("install_changes")
    .select("kind")
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("kind", "=", "uninstall")
    .executeTakeFirst();
  return row !== undefined;
}

export async function findConnection(db: Db, id: string): Promise<ConnectionRow | undefined> {
  return db.selectFrom("connections").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Keeps others from changing it until the transaction ends; rows may still refer to it. */
export async function holdConnection(tx: Db, id: string): Promise<ConnectionRow | undefined> {
  return tx.selectFrom("connections").selectAll().where("id", "=", id).forNoKeyUpdate().executeTakeFirst();
}

export async function findPlugin(db: Db, tenantId: string, installId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("installs")
    .select("plugin")
    .where("tenant_id", "=", tenantId)
    .where("id", "=", installId)
    .executeTakeFirst();
  return row?.plugin;
}

/** Which of a tenant's connections; those that fit all that is said. */
export interface ConnectionFilter {
  installId?: string;
  plugin?: string;
  /** One of the plugin's. */
  category?: string;
  status?: ConnectionStatus;
}

export async function listConnections(
  db: Db,
  tenantId: string,
  page: PageRequest & ConnectionFilter,
): Promise<ConnectionRow[]> {
  let query = db
    .selectFrom("connections")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  const { installId, plugin, category, status } = page;
  if (installId !== undefined) query = query.where("install_id", "=", installId);
  if (status !== undefined) query = query.where("status", "=", status);
  if (plugin !== undefined || category !== undefined) {
    let fitting = db.selectFrom("installs").select("id").where("tenant_id", "=", tenantId);
    if (plugin !== undefined) fitting = fitting.where("plugin", "=", plugin);
    if (category !== undefined) fitting = fitting.where(sql<boolean>`${category} = any(categories)`);
    query = query.where("install_id", "in", fitting);
  }
  return query.execute();
}

type Columns = Updateable<CoreDatabase["connections"]>;

/** What a change writes; a credential counts the version up. */
export type ConnectionPatch = Pick<
  Columns,
  "name" | "auth_type" | "sealed_credential" | "key_generation" | "credential_expires_at"
> & {
  status?: ConnectionStatus;
  status_reason?: StatusReason | null;
  config?: Record<string, unknown>;
  /** Put among those that are in the row by then, each over its predecessor. */
  settings?: Record<string, unknown>;
  requests?: RequestsDeclaration | null;
};

/** @param only what the row must be for the change to happen */
export async function updateConnection(
  db: Db,
  tenantId: string,
  id: string,
  patch: ConnectionPatch,
  only: { version?: number; statuses?: ConnectionStatus[]; config?: Record<string, unknown> } = {},
): Promise<ConnectionRow | undefined> {
  const { config, settings, requests, ...columns } = patch;
  let query = db
    .updateTable("connections")
    .set({
      ...columns,
      ...(config && { config: JSON.stringify(config) }),
      ...(settings && { config: sql<string>`config || ${JSON.stringify(settings)}::jsonb` }),
      ...(requests !== undefined && { requests: requests && JSON.stringify(requests) }),
      ...(patch.sealed_credential && { credential_version: sql<number>`credential_version + 1` }),
      updated_at: sql<Date>`now()`,
    })
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id);
  if (only.version !== undefined) query = query.where("credential_version", "=", only.version);
  if (only.statuses) query = query.where("status", "in", only.statuses);
  if (only.config) query = query.where(sql<boolean>`config = ${JSON.stringify(only.config)}::jsonb`);
  return query.returningAll().executeTakeFirst();
}

/** @returns false if it has another credential than `row` by now, or is gone */
export async function deleteConnection(
  db: Db,
  { tenant_id, id, credential_version }: Pick<ConnectionRow, "tenant_id" | "id" | "credential_version">,
): Promise<boolean> {
  const deleted = await db
    .deleteFrom("connections")
    .where("tenant_id", "=", tenant_id)
    .where("id", "=", id)
    .where("credential_version", "=", credential_version)
    .returning("id")
    .executeTakeFirst();
  return deleted !== undefined;
}
