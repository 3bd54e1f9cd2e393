import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function findLatest(db: RegistryDatabase) {
  return db
    .selectFrom("checkpoints")
    .select(["seq", "root_version", "jws", "expires_at"])
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** The one in force alone is of use: what it says replaces all that was said before. */
export async function replaceCheckpoint(
  db: RegistryDatabase,
  checkpoint: { seq: number; root_version: number; jws: string; expires_at: Date },
) {
  await db.deleteFrom("checkpoints").execute();
  await db.insertInto("checkpoints").values(checkpoint).execute();
}

/** Has the transaction see all as of one moment. */
export async function readAsOfNow(transaction: RegistryDatabase) {
  await sql`set transaction isolation level repeatable read read only`.execute(transaction);
}
