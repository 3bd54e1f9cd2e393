import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

const chunkBytes = 1024 * 1024;

/** Keeps the bytes under their SHA-512 (lowercase hex); bytes that are there already are not written twice. */
export async function storeBlob(transaction: RegistryDatabase, sha512: string, bytes: Buffer): Promise<void> {
  if (!(await queries.insertBlob(transaction, { sha512, size: bytes.length }))) return;
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    const content = bytes.subarray(start, start + chunkBytes);
    await queries.insertChunk(transaction, { sha512, position: start / chunkBytes, content });
  }
}

/** The bytes in pieces of at most 1 MiB, read as they are asked for. */
export async function* readBlob(db: RegistryDatabase, sha512: string): AsyncGenerator<Buffer, void> {
  for (let position = 0; ; position++) {
    const chunk = await queries.findChunk(db, sha512, position);
    if (!chunk) return;
    yield chunk.content;
    if (chunk.content.length < chunkBytes) return;
  }
}

/**
 * Removes the bytes, unless they turn out to be needed while nobody else can store them.
 *
 * @param isNeeded asked within the transaction
 */
export async function removeBlobUnless(
  transaction: RegistryDatabase,
  sha512: string,
  isNeeded: () => Promise<boolean>,
): Promise<void> {
  await queries.lockBlob(transaction, sha512);
  if (!(await isNeeded())) await queries.deleteBlob(transaction, sha512);
}
