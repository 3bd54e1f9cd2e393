import type { RegistryDatabase } from "../tables.ts";

/** @returns undefined if the version is there already: published, or about to be */
export async function insertPublication(
  db: RegistryDatabase,
  publication: {
    id: string;
    publisher: string;
    plugin: string;
    version: string;
    statement_jws: string;
    tarball_sha512: string;
    created_at: Date;
  },
) {
  return db
    .insertInto("publications")
    .values({ ...publication, status: "validating", finished_at: null })
    .onConflict((conflict) =>
      conflict.columns(["plugin", "version"]).where("status", "<>", "rejected").doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
}

export type PublicationRow = NonNullable<Awaited<ReturnType<typeof insertPublication>>>;

export async function findPublication(db: RegistryDatabase, id: string) {
  return db.selectFrom("publications").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The publication that occupies the version, if any. */
export async function findOccupant(db: RegistryDatabase, plugin: string, version: string) {
  return db
    .selectFrom("publications")
    .select(["id", "status"])
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .where("status", "<>", "rejected")
    .executeTakeFirst();
}

export async function listValidating(db: RegistryDatabase) {
  return db
    .selectFrom("publications")
    .select("id")
    .where("status", "=", "validating")
    .orderBy("id")
    .execute();
}

/** Of several processes that finish one publication, the first gets the row and the others nothing. */
export async function lockValidating(transaction: RegistryDatabase, id: string) {
  return transaction
    .selectFrom("publications")
    .select("id")
    .where("id", "=", id)
    .where("status", "=", "validating")
    .forUpdate()
    .executeTakeFirst();
}

export async function finishPublication(
  transaction: RegistryDatabase,
  id: string,
  outcome: { status: "published" | "rejected"; problems: string; finished_at: Date },
) {
  await transaction.updateTable("publications").set(outcome).where("id", "=", id).execute();
}
