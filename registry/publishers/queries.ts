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

/** More than these are not compared with: the best-known come first. */
const wellKnownMost = 5_000;
/** From so many installs of one plugin on, others may want to be taken for its publisher. */
const wellKnownInstalls = 25;

/** Publishers that others may want to be taken for: verified, or with a public plugin that many have installed. */
export async function listWellKnown(db: RegistryDatabase): Promise<string[]> {
  const rows = await db
    .selectFrom("publishers")
    .select("name")
    .where((where) =>
      where.or([
        where("verified", "=", true),
        where.exists(
          where
            .selectFrom("listings")
            .innerJoin("plugin_statistics", "plugin_statistics.plugin_id", "listings.plugin")
            .select("listings.plugin")
            .whereRef("listings.publisher", "=", "publishers.name")
            .where("listings.tenant_id", "is", null)
            .where("plugin_statistics.installs_active", ">=", wellKnownInstalls),
        ),
      ]),
    )
    .orderBy("verified", "desc")
    .orderBy("created_at")
    .limit(wellKnownMost)
    .execute();
  return rows.map(({ name }) => name);
}

export async function isAdmitted(db: RegistryDatabase, name: string): Promise<boolean> {
  const row = await db
    .selectFrom("admitted_names")
    .select("name")
    .where("name", "=", name)
    .executeTakeFirst();
  return row !== undefined;
}

/** Said again, the last reason counts. */
export async function admitName(db: RegistryDatabase, admission: { name: string; reason: string; at: Date }) {
  const { reason, at } = admission;
  await db
    .insertInto("admitted_names")
    .values(admission)
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ reason, at }))
    .execute();
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
