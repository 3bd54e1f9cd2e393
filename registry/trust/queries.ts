import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function findActiveSigningKey(db: RegistryDatabase) {
  return db
    .selectFrom("signing_keys")
    .select(["kid", "public_jwk", "wrapped_data_key", "sealed_private_jwk"])
    .where("retired_at", "is", null)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function insertSigningKey(
  db: RegistryDatabase,
  key: { kid: string; public_jwk: string; wrapped_data_key: string; sealed_private_jwk: Buffer },
) {
  await db
    .insertInto("signing_keys")
    .values({ ...key, retired_at: null })
    .execute();
}

/** @returns whether this call made the first root; of processes that start together exactly one does. */
export async function insertFirstRoot(db: RegistryDatabase, keys: string): Promise<boolean> {
  const inserted = await db
    .insertInto("roots")
    .values({ version: 1, keys })
    .onConflict((conflict) => conflict.column("version").doNothing())
    .returning("version")
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function findLatestRoot(db: RegistryDatabase) {
  return db
    .selectFrom("roots")
    .select(["version", "keys"])
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function findLastDelegationSeq(db: RegistryDatabase, publisher: string): Promise<number> {
  const row = await db
    .selectFrom("delegations")
    .select(({ fn }) => fn.max("seq").as("seq"))
    .where("publisher", "=", publisher)
    .executeTakeFirst();
  return row?.seq ?? 0;
}

export async function insertDelegation(
  db: RegistryDatabase,
  delegation: { publisher: string; seq: number; jws: string },
) {
  await db.insertInto("delegations").values(delegation).execute();
}

export async function findLatestDelegation(db: RegistryDatabase, publisher: string) {
  return db
    .selectFrom("delegations")
    .select("jws")
    .where("publisher", "=", publisher)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
}

/**
 * The next number of the counter, without gaps: the row stays locked until the transaction ends, and a rolled
 * back transaction gives its number back.
 */
export async function takeNextNumber(transaction: RegistryDatabase, counter: string): Promise<number> {
  const row = await transaction
    .updateTable("counters")
    .set({ value: sql<number>`value + 1` })
    .where("name", "=", counter)
    .returning("value")
    .executeTakeFirstOrThrow();
  return row.value;
}
