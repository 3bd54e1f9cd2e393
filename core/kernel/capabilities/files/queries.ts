import { type Kysely, type Sql, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { PageRequest } from "../../paging.ts";
import type { Full } from "./refusals.ts";

type Db = Kysely<CoreDatabase>;

export interface NewFileRow {
  id: string;
  tenantId: string;
  installId: string | null;
  name: string | null;
  contentType: string;
  pieceBytes: number;
  sealedKey: Buffer;
  keyGeneration: number;
  createdAt: Date;
  /** When its writer is taken for gone. */
  expiresAt: Date;
}

/** A file that is whole. */
export type FileRow = NonNullable<Awaited<ReturnType<typeof findFile>>>;

/** @returns what is full, if something is */
export async function beginFile(
  db: Db,
  file: NewFileRow,
  most: { ofTenant: number; ofInstall: number },
): Promise<Full | "ok"> {
  const { rows } = await sql<{ outcome: Full | "ok" }>`
    select ${inCore("file_begin")}(
      ${file.id}, ${file.tenantId}, ${file.installId}, ${file.name}, ${file.contentType}, ${file.pieceBytes}::integer,
      ${file.sealedKey}, ${file.keyGeneration}::integer, ${file.createdAt}, ${file.expiresAt},
      ${most.ofTenant}::bigint, ${most.ofInstall}::bigint) as outcome`.execute(db);
  return outcomeOf(rows);
}

/** @returns what is full, or that nobody writes to the file any more */
export async function appendPiece(
  db: Db,
  file: { id: string; tenantId: string },
  piece: { seq: number; sealed: Buffer; bytes: number; expiresAt: Date },
  most: { ofTenant: number; ofInstall: number },
): Promise<Full | "gone" | "ok"> {
  const { rows } = await sql<{ outcome: Full | "gone" | "ok" }>`
    select ${inCore("file_append")}(
      ${file.id}, ${file.tenantId}, ${piece.seq}::integer, ${piece.sealed}, ${piece.bytes}::integer, ${piece.expiresAt},
      ${most.ofTenant}::bigint, ${most.ofInstall}::bigint) as outcome`.execute(db);
  return outcomeOf(rows);
}

/** From now on it is seen. */
export async function finishFile(
  db: Db,
  { id, tenantId }: { id: string; tenantId: string },
  whole: { sha256: Buffer; pieces: number; expiresAt: Date },
): Promise<FileRow | undefined> {
  return db
    .updateTable("files")
    .set({ sha256: whole.sha256, expires_at: whole.expiresAt })
    .where("id", "=", id)
    .where("tenant_id", "=", tenantId)
    .where("sha256", "is", null)
    .where("pieces", "=", whole.pieces)
    .returningAll()
    .executeTakeFirst();
}

/** Of a tenant's, or of one install of it. */
export async function findFile(
  db: Db,
  { tenantId, installId, id }: { tenantId: string; installId?: string; id: string },
  now: Date,
) {
  let query = wholeFiles(db, tenantId, now).where("id", "=", id);
  if (installId !== undefined) query = query.where("install_id", "=", installId);
  return query.executeTakeFirst();
}

/** @returns the ids of those that are there */
export async function findFiles(
  db: Db,
  tenantId: string,
  ids: readonly string[],
  now: Date,
): Promise<string[]> {
  const rows = await wholeFiles(db, tenantId, now)
    .where("id", "=", sql<string>`any(${ids}::text[])`)
    .execute();
  return rows.map(({ id }) => id);
}

export async function listFiles(
  db: Db,
  tenantId: string,
  { limit, after }: PageRequest,
  now: Date,
): Promise<FileRow[]> {
  let query = wholeFiles(db, tenantId, now)
    .orderBy("id")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("id", ">", after);
  return query.execute();
}

function wholeFiles(db: Db, tenantId: string, now: Date) {
  return db
    .selectFrom("files")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("sha256", "is not", null)
    .where("expires_at", ">", now);
}

export async function findPiece(
  db: Db,
  { id, tenantId }: { id: string; tenantId: string },
  seq: number,
): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom("file_pieces")
    .innerJoin("files", "files.id", "file_pieces.file_id")
    .select("sealed")
    .where("files.tenant_id", "=", tenantId)
    .where("file_id", "=", id)
    .where("seq", "=", seq)
    .executeTakeFirst();
  return row?.sealed;
}

/** Also one that is being written. @returns whether there was one */
export async function deleteFile(
  db: Db,
  { tenantId, installId, id }: { tenantId: string; installId?: string; id: string },
): Promise<boolean> {
  let query = db.deleteFrom("files").where("tenant_id", "=", tenantId).where("id", "=", id);
  if (installId !== undefined) query = query.where("install_id", "=", installId);
  return (await query.executeTakeFirst()).numDeletedRows > 0n;
}

/**
 * Some of one tenant whose time is over: who takes away files of several in one step holds what one tenant uses while
 * waiting for another's. What somebody else is at is left to them. @returns how many
 */
export async function deleteExpired(db: Db, now: Date, most: number): Promise<number> {
  const deleted = await db
    .with("whose", (cte) =>
      cte
        .selectFrom("files")
        .select("tenant_id")
        .where("expires_at", "<=", now)
        .orderBy("expires_at")
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .with("some", (cte) =>
      cte
        .selectFrom("files")
        .select("id")
        .where("tenant_id", "=", cte.selectFrom("whose").select("tenant_id"))
        .where("expires_at", "<=", now)
        .limit(most)
        .forUpdate()
        .skipLocked(),
    )
    .deleteFrom("files")
    .where("id", "in", ({ selectFrom }) => selectFrom("some").select("id"))
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** What was counted of installs that are gone. */
export async function deleteOldUsage(db: Db): Promise<void> {
  await db
    .deleteFrom("file_usage")
    .where("install_id", "<>", "")
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("installs").whereRef("installs.id", "=", "file_usage.install_id").select("id"))),
    )
    .execute();
}

/** Kysely puts the schema before its own tables, not before what stands in raw SQL. */
function inCore(name: string): ReturnType<Sql["id"]> {
  return sql.id("core", name);
}

function outcomeOf<Outcome>([row]: { outcome: Outcome }[]): Outcome {
  if (!row) throw new Error("the database said nothing of a file");
  return row.outcome;
}
