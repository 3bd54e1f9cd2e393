import { generateDataKey, open, seal } from "@plugboard/service-kit/crypto";
import type { Vault } from "../../vault/index.ts";
import type { FileRow } from "./queries.ts";

/** Of a file's content; the last piece may have less. What a transfer holds in memory is a few of these. */
export const pieceBytes = 256 * 1024;

/**
 * Each file has a key of its own, which alone is sealed under the tenant's: when that is rotated, files stay as they are,
 * and when it is destroyed, all of them are.
 */
export interface FileKey {
  key: Buffer;
  sealed: Buffer;
  /** Of the tenant's data key. */
  generation: number;
}

type FileVault = Pick<Vault, "seal" | "open">;

export async function makeFileKey(vault: FileVault, tenantId: string, id: string): Promise<FileKey> {
  const key = generateDataKey();
  const { bytes, generation } = await vault.seal({ tenantId, kind: "file", id }, key.toString("base64"));
  return { key, sealed: bytes, generation };
}

export async function openFileKey(vault: FileVault, file: FileRow): Promise<Buffer> {
  const { tenant_id: tenantId, id, sealed_key: bytes, key_generation: generation } = file;
  return Buffer.from(await vault.open({ tenantId, kind: "file", id }, { bytes, generation }), "base64");
}

/** A piece opens at its own place in its own file alone. */
export function sealPiece(key: Buffer, place: { id: string; seq: number }, content: Buffer): Buffer {
  return seal(key, content, boundTo(place));
}

/** @throws when it was altered, or is another's */
export function openPiece(key: Buffer, place: { id: string; seq: number }, sealed: Buffer): Buffer {
  return open(key, sealed, boundTo(place));
}

function boundTo({ id, seq }: { id: string; seq: number }): string {
  return `file-piece:${id}:${seq}`;
}
