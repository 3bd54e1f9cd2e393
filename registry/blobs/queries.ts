import type { RegistryDatabase } from "../tables.ts";

export async function insertBlob(
  db: RegistryDatabase,
  blob: { sha512: string; size: number },
): Promise<boolean> {
  const inserted = await db
    .insertInto("blobs")
    .values(blob)
    .onConflict((conflict) => conflict.column("sha512").doNothing())
    .returning("sha512")
    .executeTakeFirst();
  return inserted !== undefined;
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
