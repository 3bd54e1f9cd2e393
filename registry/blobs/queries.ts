import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function insertBlob(
  db: RegistryDatabase,
  blob: { sha512: string; size: number },
): Promise<boolean> {
  const inserted = await db
    .insertInto("blobs")
    .values(blob)
    // An update that changes nothing, because it waits for whoever removes the same bytes at this moment.
    .onConflict((conflict) => conflict.column("sha512").doUpdateSet({ size: blob.size }))
    .returning(sql<boolean>`xmax = 0`.as("isNew"))
    .executeTakeFirstOrThrow();
  return inserted.isNew;
}

export async function insertChunk(
  db: RegistryDatabase,
  chunk: { sha512: string; position: number; content: Buffer },
) {
  await db.insertInto("blob_chunks").values(chunk).execute();
}

export async function findChunk(db: RegistryDatabase, sha512: string, position: number) {
  return db
    .selectFrom("blob_chunks")
    .select("content")
    .where("sha512", "=", sha512)
    .where("position", "=", position)
    .executeTakeFirst();
}

/** Nobody stores or removes these bytes until the transaction ends. */
export async function lockBlob(transaction: RegistryDatabase, sha512: string) {
  await transaction.selectFrom("blobs").select("sha512").where("sha512", "=", sha512).forUpdate().execute();
}

export async function deleteBlob(transaction: RegistryDatabase, sha512: string) {
  await transaction.deleteFrom("blob_chunks").where("sha512", "=", sha512).execute();
  await transaction.deleteFrom("blobs").where("sha512", "=", sha512).execute();
}
