import type { RegistryDatabase } from "../tables.ts";

interface NewKey {
  kid: string;
  public_jwk: string;
  wrapped_data_key: string;
  sealed_private_jwk: Buffer;
}

/** The oldest first. */
export async function listSigningKeys(db: RegistryDatabase) {
  return db
    .selectFrom("signing_keys")
    .select(["kid", "wrapped_data_key", "sealed_private_jwk"])
    .where("retired_at", "is", null)
    .orderBy("created_at")
    .execute();
}

export async function insertSigningKey(db: RegistryDatabase, key: NewKey) {
  await db
    .insertInto("signing_keys")
    .values({ ...key, retired_at: null })
    .execute();
}

export async function listRootKeys(db: RegistryDatabase) {
  return db.selectFrom("root_keys").select(["kid", "wrapped_data_key", "sealed_private_jwk"]).execute();
}

export async function insertRootKey(db: RegistryDatabase, key: NewKey) {
  await db.insertInto("root_keys").values(key).execute();
}

type KeyTable = "signing_keys" | "root_keys";

export async function listWrappedKeys(db: RegistryDatabase, table: KeyTable) {
  return db.selectFrom(table).select(["kid", "wrapped_data_key"]).execute();
}

/** Unless another process has done it. */
export async function rewrapKey(
  db: RegistryDatabase,
  table: KeyTable,
  kid: string,
  before: string,
  after: string,
) {
  await db
    .updateTable(table)
    .set({ wrapped_data_key: after })
    .where("kid", "=", kid)
    .where("wrapped_data_key", "=", before)
    .execute();
}

/** The same goes for a key that signs no more. One that no root names yet stays. */
export async function deleteSigningKeys(db: RegistryDatabase, kids: string[]) {
  if (kids.length > 0) await db.deleteFrom("signing_keys").where("kid", "in", kids).execute();
}

/** A root key that counts no more is of use to a thief alone. */
export async function deleteRootKeysBut(db: RegistryDatabase, kids: string[]) {
  await db.deleteFrom("root_keys").where("kid", "not in", kids).execute();
}

export async function insertRoot(db: RegistryDatabase, version: number, signatures: string) {
  await db.insertInto("roots").values({ version, signatures }).execute();
}

export async function findLatestRoot(db: RegistryDatabase) {
  return db
    .selectFrom("roots")
    .select(["version", "signatures"])
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function findLatestRootVersion(db: RegistryDatabase): Promise<number> {
  const row = await db
    .selectFrom("roots")
    .select(({ fn }) => fn.max("version").as("version"))
    .executeTakeFirst();
  return row?.version ?? 0;
}

export async function findRootSignatures(
  db: RegistryDatabase,
  version: number,
): Promise<string[] | undefined> {
  const row = await db
    .selectFrom("roots")
    .select("signatures")
    .where("version", "=", version)
    .executeTakeFirst();
  return row?.signatures;
}

export async function insertDelegation(
  db: RegistryDatabase,
  delegation: { publisher: string; seq: number; jws: string },
) {
  await db.insertInto("delegations").values(delegation).execute();
}

/** The delegations in force, in the order in which they were made. */
export async function listDelegationsFrom(db: RegistryDatabase, seq: number) {
  const latest = db
    .selectFrom("delegations")
    .distinctOn("publisher")
    .select(["publisher", "seq", "jws"])
    .orderBy("publisher")
    .orderBy("seq", "desc");
  return db.selectFrom(latest.as("latest")).selectAll().where("seq", ">=", seq).orderBy("seq").execute();
}

export async function listVersionsFrom(db: RegistryDatabase, seq: number) {
  return db
    .selectFrom("versions")
    .select(["plugin", "version", "seq", "registry_jws"])
    .where("seq", ">=", seq)
    .orderBy("seq")
    .execute();
}

export async function replaceRegistryStatement(
  db: RegistryDatabase,
  { plugin, version }: { plugin: string; version: string },
  jws: string,
) {
  await db
    .updateTable("versions")
    .set({ registry_jws: jws })
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .execute();
}

/** Who signed what an earlier Plugboard published, read from the publishers' statements. */
export async function listUnattributed(db: RegistryDatabase) {
  return db
    .selectFrom("versions")
    .innerJoin("publications", "publications.id", "versions.publication_id")
    .select(["versions.plugin", "versions.version", "publications.statement_jws"])
    .where("versions.signed_by", "=", "")
    .execute();
}

export async function attribute(
  db: RegistryDatabase,
  { plugin, version }: { plugin: string; version: string },
  kid: string,
) {
  await db
    .updateTable("versions")
    .set({ signed_by: kid })
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .execute();
}

/** Whose a plugin is alone; null: everybody's. */
export async function findOwner(db: RegistryDatabase, plugin: string): Promise<string | null> {
  const row = await db
    .selectFrom("listings")
    .select("tenant_id")
    .where("plugin", "=", plugin)
    .executeTakeFirstOrThrow();
  return row.tenant_id;
}
