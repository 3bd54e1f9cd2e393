import type { RegistryDatabase } from "../tables.ts";

/** @param origin the registry that it comes from; null: this one. @returns whether the name was free */
export async function insertPublisher(
  db: RegistryDatabase,
  name: string,
  origin: string | null = null,
): Promise<boolean> {
  const inserted = await db
    .insertInto("publishers")
    .values({ name, origin })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("name")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** @returns whether that is a change; the row stays locked until the transaction ends */
export async function setVerified(db: RegistryDatabase, name: string, verified: boolean): Promise<boolean> {
  const changed = await db
    .updateTable("publishers")
    .set({ verified })
    .where("name", "=", name)
    .where("verified", "<>", verified)
    .returning("name")
    .executeTakeFirst();
  return changed !== undefined;
}

export async function insertKey(
  db: RegistryDatabase,
  key: { publisher: string; kid: string; public_jwk: string },
) {
  await db
    .insertInto("publisher_keys")
    .values({ ...key, until_seq: null, ended: null })
    .execute();
}

export async function findPublisher(db: RegistryDatabase, name: string) {
  return db.selectFrom("publishers").selectAll().where("name", "=", name).executeTakeFirst();
}

export async function listKeys(db: RegistryDatabase, publisher: string) {
  return db
    .selectFrom("publisher_keys")
    .select(["kid", "public_jwk", "until_seq", "ended"])
    .where("publisher", "=", publisher)
    .orderBy("created_at")
    .execute();
}

/** @returns false if the publisher has, or had, the key already */
export async function insertFurtherKey(
  db: RegistryDatabase,
  key: { publisher: string; kid: string; public_jwk: string },
): Promise<boolean> {
  const inserted = await db
    .insertInto("publisher_keys")
    .values({ ...key, until_seq: null, ended: null })
    .onConflict((conflict) => conflict.columns(["publisher", "kid"]).doNothing())
    .returning("kid")
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function endKey(
  db: RegistryDatabase,
  { publisher, kid }: { publisher: string; kid: string },
  end: { until_seq: number; ended: "retired" | "revoked" } | { until_seq: null; ended: null },
) {
  await db
    .updateTable("publisher_keys")
    .set(end)
    .where("publisher", "=", publisher)
    .where("kid", "=", kid)
    .execute();
}

/** Ends all keys that are in use but one. */
export async function retireOtherKeys(
  db: RegistryDatabase,
  { publisher, except, until }: { publisher: string; except: string; until: number },
) {
  await db
    .updateTable("publisher_keys")
    .set({ until_seq: until, ended: "retired" })
    .where("publisher", "=", publisher)
    .where("kid", "<>", except)
    .where("ended", "is", null)
    .execute();
}

/** Whether the publisher may sign with the key now. */
export async function isKeyInUse(db: RegistryDatabase, publisher: string, kid: string): Promise<boolean> {
  const row = await db
    .selectFrom("publisher_keys")
    .select("kid")
    .where("publisher", "=", publisher)
    .where("kid", "=", kid)
    .where("until_seq", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

export async function listPublishersOfKey(db: RegistryDatabase, kid: string) {
  return db.selectFrom("publisher_keys").select("publisher").where("kid", "=", kid).execute();
}
