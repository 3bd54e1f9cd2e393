import type { RegistryDatabase } from "../tables.ts";
import type { LogEntryType } from "../transparency/index.ts";

/** The one row that whoever adds to the log has to hold. */
export async function lockLog(transaction: RegistryDatabase) {
  await transaction
    .selectFrom("counters")
    .select("value")
    .where("name", "=", "log")
    .forUpdate()
    .executeTakeFirstOrThrow();
}

export async function findLast(db: RegistryDatabase) {
  return db
    .selectFrom("log_entries")
    .select(["seq", "hash"])
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function insertEntry(
  db: RegistryDatabase,
  entry: {
    seq: number;
    type: LogEntryType;
    body_hash: string;
    prev: string;
    hash: string;
    at: Date;
    body: string;
    tenant_id: string | null;
  },
) {
  await db.insertInto("log_entries").values(entry).execute();
}

export async function hasBody(db: RegistryDatabase, bodyHash: string): Promise<boolean> {
  const row = await db
    .selectFrom("log_entries")
    .select("seq")
    .where("body_hash", "=", bodyHash)
    .executeTakeFirst();
  return row !== undefined;
}

export async function listEntries(db: RegistryDatabase, page: { after: number; limit: number }) {
  return db
    .selectFrom("log_entries")
    .select(["seq", "type", "body_hash", "prev", "at"])
    .where("seq", ">", page.after)
    .orderBy("seq")
    .limit(page.limit)
    .execute();
}

export async function findBody(db: RegistryDatabase, seq: number) {
  return db
    .selectFrom("log_entries")
    .select(["body", "tenant_id"])
    .where("seq", "=", seq)
    .executeTakeFirstOrThrow();
}
