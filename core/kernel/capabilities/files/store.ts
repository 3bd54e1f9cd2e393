import { newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { PageRequest } from "../../paging.ts";
import type { Vault } from "../../vault/index.ts";
import type { Turn } from "../turns.ts";
import { defaultFileLimits, defaultHostFileLimits, type FileLimits, type HostFileLimits } from "./limits.ts";
import { makeFileKey, openFileKey, openPiece, pieceBytes } from "./pieces.ts";
import * as queries from "./queries.ts";
import { filesFull, writerGone } from "./refusals.ts";
import { type NewFile, type StoredFile, toStoredFile } from "./stored-file.ts";
import { createTransfers, type Transfers } from "./transfers.ts";
import { abandonedMs, createWriter, type FileWriter } from "./writer.ts";

/** Whose files: a tenant's, or, where an install is named, those that its plugin made. */
export interface FileOwner {
  tenantId: string;
  installId?: string;
}

/** The files of all tenants, in the database, sealed. What goes in and out of them is never whole in memory. */
export interface Files {
  /**
   * Begins a file.
   * @param turn when it writes to the database; at once by default
   * @throws CapabilityError `files-limit-exceeded`
   */
  begin(owner: FileOwner, file: NewFile, options: { limits: FileLimits; turn?: Turn }): Promise<FileWriter>;
  find(owner: FileOwner, id: string): Promise<StoredFile | undefined>;
  /** Of these files of a tenant's, those that are there. */
  findAll(tenantId: string, ids: readonly string[]): Promise<string[]>;
  list(tenantId: string, page: PageRequest): Promise<StoredFile[]>;
  /**
   * The content from `start` up to before `end`, piece by piece. Ends early, with an error, when the file goes meanwhile.
   */
  read(
    owner: FileOwner,
    id: string,
    range: { start: number; end: number },
    turn?: Turn,
  ): AsyncGenerator<Buffer, void, undefined>;
  /** @returns whether there was one */
  remove(owner: FileOwner, id: string): Promise<boolean>;
  /** What is on its way through this host. */
  transfers: Transfers;
}

const atOnce: Turn = (work) => work();

export function createFiles(options: {
  db: Kysely<CoreDatabase>;
  vault: Pick<Vault, "seal" | "open">;
  limits?: HostFileLimits;
  now?: (() => number) | undefined;
}): Files {
  const { db, vault, limits: hostLimits = defaultHostFileLimits, now = Date.now } = options;

  return {
    transfers: createTransfers(hostLimits),

    async begin({ tenantId, installId }, { name, contentType }, { turn = atOnce, ...given }) {
      const limits = { ...defaultFileLimits, ...given.limits, ...hostLimits };
      const id = newId("fil");
      const key = await makeFileKey(vault, tenantId, id);
      const row = {
        id,
        tenantId,
        installId: installId ?? null,
        name,
        contentType,
        pieceBytes,
        sealedKey: key.sealed,
        keyGeneration: key.generation,
        createdAt: new Date(now()),
        expiresAt: new Date(now() + abandonedMs),
      };
      const most = { ofTenant: limits.filesPerTenant, ofInstall: limits.files };
      const outcome = await turn(() => queries.beginFile(db, row, most)).catch((error) => {
        throw isOwnerGone(error) ? writerGone() : error;
      });
      if (outcome !== "ok") throw filesFull(outcome, limits);
      return createWriter({ db, file: { id, tenantId }, key, limits, turn, now });
    },

    async find(owner, id) {
      const row = await queries.findFile(db, { ...owner, id }, new Date(now()));
      return row && toStoredFile(row);
    },

    findAll: (tenantId, ids) => queries.findFiles(db, tenantId, ids, new Date(now())),

    async list(tenantId, page) {
      return (await queries.listFiles(db, tenantId, page, new Date(now()))).map(toStoredFile);
    },

    async *read(owner, id, { start, end }, turn = atOnce) {
      const file = await turn(() => queries.findFile(db, { ...owner, id }, new Date(now())));
      if (!file) throw new Error("the file went before it was read");
      const key = await openFileKey(vault, file);
      const last = Math.min(end, file.size);
      for (let at = start; at < last; ) {
        const seq = Math.floor(at / file.piece_bytes);
        const sealed = await turn(() => queries.findPiece(db, { id, tenantId: owner.tenantId }, seq));
        if (!sealed) throw new Error("the file went while it was read");
        const from = seq * file.piece_bytes;
        const content = openPiece(key, { id, seq }, sealed).subarray(at - from, last - from);
        if (content.length === 0) throw new Error("a piece of a file is shorter than it was");
        at += content.length;
        yield content;
      }
    },

    remove: (owner, id) => queries.deleteFile(db, { ...owner, id }),
  };
}

const foreignKeyViolation = "23503";

/** The tenant or the install went meanwhile. */
function isOwnerGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === foreignKeyViolation;
}

/** One goes with all its pieces. */
const batchFiles = 20;

/** Deletes files whose time is over, and what writers left that are gone. @returns how many */
export async function pruneFiles(
  db: Kysely<CoreDatabase>,
  signal: AbortSignal,
  now: () => number = Date.now,
): Promise<number> {
  let pruned = 0;
  for (let batch = 1; batch > 0 && !signal.aborted; pruned += batch)
    batch = await queries.deleteExpired(db, new Date(now()), batchFiles);
  await queries.deleteOldUsage(db);
  return pruned;
}
