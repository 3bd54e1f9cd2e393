import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { Turn } from "../turns.ts";
import type { FileLimits, HostFileLimits } from "./limits.ts";
import { type FileKey, pieceBytes, sealPiece } from "./pieces.ts";
import * as queries from "./queries.ts";
import { filesFull, fileTooLarge, writerGone } from "./refusals.ts";
import { type StoredFile, toStoredFile } from "./stored-file.ts";

/** A file while it is written: by one writer, from the beginning to the end. Nobody sees it before it is whole. */
export interface FileWriter {
  readonly id: string;
  /** Bytes so far. */
  readonly size: number;
  /** Resolves when there is room for more. @throws CapabilityError `file-too-large`, `files-limit-exceeded`, `file-aborted` */
  write(bytes: Uint8Array): Promise<void>;
  /** @throws CapabilityError as `write` */
  finish(): Promise<StoredFile>;
  /** Takes away what there is of it, unless it is finished. Must be called when it is not going to be. */
  discard(): Promise<void>;
}

/** A writer that writes nothing for so long is taken for gone, with its host. */
export const abandonedMs = 15 * 60_000;

export function createWriter(options: {
  db: Kysely<CoreDatabase>;
  file: { id: string; tenantId: string };
  key: FileKey;
  limits: FileLimits & HostFileLimits;
  turn: Turn;
  now: () => number;
}): FileWriter {
  const { db, file, key, limits, turn, now } = options;
  const most = { ofTenant: limits.fileStorageBytesPerTenant, ofInstall: limits.fileStorageBytes };
  const hash = createHash("sha256");
  const gathered = Buffer.allocUnsafe(pieceBytes);
  let filled = 0;
  let pieces = 0;
  let size = 0;
  let isFinished = false;

  async function flush(): Promise<void> {
    const content = gathered.subarray(0, filled);
    const sealed = sealPiece(key.key, { id: file.id, seq: pieces }, content);
    const expiresAt = new Date(now() + abandonedMs);
    const piece = { seq: pieces, sealed, bytes: filled, expiresAt };
    const outcome = await turn(() => queries.appendPiece(db, file, piece, most));
    if (outcome === "gone") throw writerGone();
    if (outcome !== "ok") throw filesFull(outcome, limits);
    pieces++;
    filled = 0;
  }

  return {
    id: file.id,
    get size() {
      return size;
    },
    async write(bytes) {
      if (size + bytes.length > limits.fileBytes) throw fileTooLarge(limits.fileBytes);
      hash.update(bytes);
      size += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + pieceBytes - filled);
        gathered.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === pieceBytes) await flush();
      }
    },
    async finish() {
      if (filled > 0) await flush();
      const whole = { sha256: hash.digest(), pieces, expiresAt: new Date(now() + limits.fileMs) };
      const row = await turn(() => queries.finishFile(db, file, whole));
      if (!row) throw writerGone();
      isFinished = true;
      return toStoredFile(row);
    },
    async discard() {
      if (!isFinished) await queries.deleteFile(db, file);
    },
  };
}
