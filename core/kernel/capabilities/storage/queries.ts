import { type Kysely, type Sql, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { Expected, ListRequest, NewValue } from "./arguments.ts";

type Db = Kysely<CoreDatabase>;

/** Whose storage: an install, and the tenant that it must belong to. */
export interface Owner {
  tenantId: string;
  installId: string;
}

export interface StoredEntry {
  key: string;
  /** JSON. */
  text: string;
  bytes: number;
  version: string;
}

export interface Usage {
  bytes: number;
  keys: number;
}

const entryColumns = ["key", sql<string>`value::text`.as("text"), "bytes", "version"] as const;

export async function findEntry(db: Db, owner: Owner, key: string): Promise<StoredEntry | undefined> {
  return entriesOf(db, owner).where("key", "=", key).executeTakeFirst();
}

export async function findEntries(db: Db, owner: Owner, keys: string[]): Promise<StoredEntry[]> {
  if (keys.length === 0) return [];
  return entriesOf(db, owner).where("key", "=", sql<string>`any(${keys}::text[])`).execute();
}

/** The same without the values, which may take the host's memory. */
export async function findVersions(
  db: Db,
  { tenantId, installId }: Owner,
  keys: string[],
): Promise<Omit<StoredEntry, "text">[]> {
  if (keys.length === 0) return [];
  return db
    .selectFrom("plugin_storage")
    .select(["key", "bytes", "version"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .where("key", "=", sql<string>`any(${keys}::text[])`)
    .execute();
}

function entriesOf(db: Db, { tenantId, installId }: Owner) {
  return db
    .selectFrom("plugin_storage")
    .select(entryColumns)
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId);
}

/** In the order of their bytes. */
export async function listKeys(db: Db, { tenantId, installId }: Owner, page: ListRequest): Promise<string[]> {
  let query = db
    .selectFrom("plugin_storage")
    .select("key")
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .where("key", ">=", page.prefix)
    .where(sql<boolean>`starts_with(key, ${page.prefix})`)
    .orderBy("key")
    .limit(page.limit);
  if (page.after !== undefined) query = query.where("key", ">", page.after);
  return (await query.execute()).map(({ key }) => key);
}

export async function findUsage(db: Db, { tenantId, installId }: Owner): Promise<Usage> {
  const found = await db
    .selectFrom("plugin_storage_usage")
    .select(["bytes", "keys"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .executeTakeFirst();
  return found ?? { bytes: 0, keys: 0 };
}

type SetOutcome = "ok" | "conflict" | "quota" | "keys" | "replaced";
type DeleteOutcome = "ok" | "absent" | "conflict" | "replaced";

/** Whose storage is written, and the epoch of it that the writing call began in. */
export interface Writer extends Owner {
  epoch: number;
}

/** Writes one key, if `expected` holds and the quota does, and no change of version has ended the writer's epoch. */
export async function setEntry(
  db: Db,
  { tenantId, installId, epoch }: Writer,
  entry: { key: string; value: NewValue; version: string; expected: Expected },
  most: Usage,
): Promise<{ outcome: SetOutcome; used: Usage }> {
  const { key, value, version, expected } = entry;
  const expectedVersion = expected.is === "version" ? expected.version : null;
  const { rows } = await sql<{
    outcome: SetOutcome;
    used_bytes: number;
    used_keys: number;
  }>`
    select * from ${inCore("plugin_storage_set_in_epoch")}(
      ${tenantId}, ${installId}, ${epoch}, ${key}, ${value.text}::json, ${value.bytes}, ${version},
      ${expected.is}, ${expectedVersion}, ${most.bytes}, ${most.keys})`.execute(db);
  const [row] = rows;
  if (!row) throw new Error("plugin_storage_set answered nothing");
  return { outcome: row.outcome, used: { bytes: row.used_bytes, keys: row.used_keys } };
}

export async function deleteEntry(
  db: Db,
  { tenantId, installId, epoch }: Writer,
  key: string,
  expectedVersion: string | undefined,
): Promise<DeleteOutcome> {
  const { rows } = await sql<{ outcome: DeleteOutcome }>`
    select ${inCore("plugin_storage_delete_in_epoch")}(
      ${tenantId}, ${installId}, ${epoch}, ${key}, ${expectedVersion ?? null}) as outcome`.execute(db);
  const [row] = rows;
  if (!row) throw new Error("plugin_storage_delete answered nothing");
  return row.outcome;
}

/** Keeps every other writer of this install's storage waiting until the transaction ends. */
export async function lockUsage(tx: Db, { tenantId, installId }: Owner): Promise<Usage> {
  await tx
    .insertInto("plugin_storage_usage")
    .values({ tenant_id: tenantId, install_id: installId, bytes: 0, keys: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return tx
    .selectFrom("plugin_storage_usage")
    .select(["bytes", "keys"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** Puts `entries` in place of what stands under `keys`. To be called under `lockUsage`. */
export async function replaceEntries(
  tx: Db,
  { tenantId, installId }: Owner,
  change: { keys: string[]; entries: StoredEntry[]; usage: Usage },
): Promise<void> {
  const { keys, entries, usage } = change;
  await tx
    .deleteFrom("plugin_storage")
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .where("key", "=", sql<string>`any(${keys}::text[])`)
    .execute();
  for (const batch of batchesOf(entries)) {
    await sql`
      insert into ${inCore("plugin_storage")} (tenant_id, install_id, key, value, bytes, version)
      select ${tenantId}, ${installId}, key, value::json, bytes, version
      from unnest(${batch.map(({ key }) => key)}::text[], ${batch.map(({ text }) => text)}::text[],
        ${batch.map(({ bytes }) => bytes)}::integer[], ${batch.map(({ version }) => version)}::text[])
        as new (key, value, bytes, version)`.execute(tx);
  }
  await tx
    .updateTable("plugin_storage_usage")
    .set(usage)
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .execute();
}

/** A statement is text that is made whole, several times over, before it goes out. */
const batchBytes = 4 * 1024 * 1024;

function* batchesOf(entries: StoredEntry[]): Generator<StoredEntry[]> {
  let batch: StoredEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (batch.length > 0 && bytes + entry.bytes > batchBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += entry.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** Kysely puts the schema before its own tables, not before what stands in raw SQL. */
function inCore(name: string): ReturnType<Sql["id"]> {
  return sql.id("core", name);
}
