import type { RegistryDatabase } from "../tables.ts";

export async function listVersions(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("versions")
    .select(["version", "registry_jws", "yanked_at", "deprecation", "block"])
    .where("plugin", "=", plugin)
    .orderBy("seq")
    .execute();
}

export async function listPluginsOf(db: RegistryDatabase, publisher: string): Promise<string[]> {
  const rows = await db
    .selectFrom("listings")
    .select("plugin")
    .where("publisher", "=", publisher)
    .orderBy("plugin")
    .execute();
  return rows.map(({ plugin }) => plugin);
}

export async function findDelegation(db: RegistryDatabase, publisher: string): Promise<string> {
  const row = await db
    .selectFrom("delegations")
    .select("jws")
    .where("publisher", "=", publisher)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return row.jws;
}

export async function isPrivate(db: RegistryDatabase, plugin: string): Promise<boolean> {
  const row = await db
    .selectFrom("listings")
    .select("plugin")
    .where("plugin", "=", plugin)
    .where("tenant_id", "is not", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns undefined where the plugin has no record yet */
export async function findSalt(db: RegistryDatabase, plugin: string) {
  return db.selectFrom("index_records").select("salt").where("plugin", "=", plugin).executeTakeFirst();
}

export async function upsertRecord(
  db: RegistryDatabase,
  record: { plugin: string; shard: number; hash: string; salt: string | null },
) {
  await db
    .insertInto("index_records")
    .values(record)
    .onConflict((conflict) => conflict.column("plugin").doUpdateSet({ hash: record.hash }))
    .execute();
}

export async function listShard(db: RegistryDatabase, shard: number) {
  return db
    .selectFrom("index_records")
    .select(["plugin", "hash", "salt"])
    .where("shard", "=", shard)
    .execute();
}

export async function upsertShard(db: RegistryDatabase, shard: number, hash: string) {
  await db
    .insertInto("index_shards")
    .values({ shard, hash })
    .onConflict((conflict) => conflict.column("shard").doUpdateSet({ hash }))
    .execute();
}

export async function listShards(db: RegistryDatabase) {
  return db.selectFrom("index_shards").select(["shard", "hash"]).execute();
}
