import { type Kysely, sql } from "kysely";
import type { CoreDatabase, InstallChangeKind, LeaseKind } from "../../../tables.ts";
import { holdTenant } from "../../access/index.ts";
import type { PageRequest } from "../../paging.ts";

type Db = Kysely<CoreDatabase>;

interface Target {
  tenantId: string;
  plugin: string;
}

type Held = Target & { token: string };

/** @returns undefined if somebody holds it; else whether the one before left it behind, and for what it was held */
export async function takeLease(
  db: Db,
  { tenantId, plugin, token, kind, forMs }: Held & { kind: LeaseKind; forMs: number },
): Promise<{ leftBehind: LeaseKind | undefined } | undefined> {
  const lease = { tenant_id: tenantId, plugin, token, kind, expires_at: inMs(forMs) };
  return db.transaction().execute(async (tx) => {
    // What is there can be changed and taken away until the end.
    if (kind === "install") await holdTenant(tx, tenantId);
    const inserted = await tx
      .insertInto("install_changes")
      .values(lease)
      .onConflict((conflict) => conflict.doNothing())
      .returning("token")
      .executeTakeFirst();
    if (inserted) return { leftBehind: undefined };
    const expired = await tx
      .selectFrom("install_changes")
      .select("kind")
      .where("tenant_id", "=", tenantId)
      .where("plugin", "=", plugin)
      .where("expires_at", "<=", sql<Date>`now()`)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!expired) return undefined;
    // An uninstall that was cut off stays known as one, also if whoever mends it is cut off.
    const kept = expired.kind === "uninstall" ? expired.kind : kind;
    await tx
      .updateTable("install_changes")
      .set({ token, kind: kept, expires_at: inMs(forMs) })
      .where("tenant_id", "=", tenantId)
      .where("plugin", "=", plugin)
      .execute();
    return { leftBehind: expired.kind };
  });
}

/** @returns whether it was still held, by this token; nothing is changed if it was not */
export async function renewLease(
  db: Db,
  { tenantId, plugin, token, forMs }: Held & { forMs: number },
): Promise<boolean> {
  const renewed = await db
    .updateTable("install_changes")
    .set({ expires_at: inMs(forMs) })
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("token", "=", token)
    .returning("token")
    .executeTakeFirst();
  return renewed !== undefined;
}

/** @returns whether it was still held; nothing is changed if it was not */
export async function deleteLease(db: Db, { tenantId, plugin, token }: Held): Promise<boolean> {
  const ended = await db
    .deleteFrom("install_changes")
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("token", "=", token)
    .returning("token")
    .executeTakeFirst();
  return ended !== undefined;
}

/** Leaves it behind for whoever comes next. */
export async function expireLease(db: Db, { tenantId, plugin, token }: Held): Promise<void> {
  await db
    .updateTable("install_changes")
    .set({ expires_at: sql<Date>`now()` })
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("token", "=", token)
    .execute();
}

export async function listExpiredLeases(db: Db) {
  return db
    .selectFrom("install_changes")
    .select(["tenant_id", "plugin"])
    .where("expires_at", "<=", sql<Date>`now()`)
    .limit(1_000)
    .execute();
}

export type HistoryRow = Awaited<ReturnType<typeof listHistory>>[number];

export async function insertHistory(
  db: Db,
  entry: {
    id: string;
    tenant_id: string;
    install_id: string;
    change: InstallChangeKind;
    from_version: string | null;
    version: string;
    tarball_sha512: string;
    consent: string;
    storage_before: string | null;
  },
): Promise<void> {
  await db.insertInto("install_history").values(entry).execute();
}

/** Whether the install has had this release, or another that asked for exactly the same. */
export async function wasAgreedTo(
  db: Db,
  { tenantId, installId }: { tenantId: string; installId: string },
  { tarballSha512, consent }: { tarballSha512: string; consent: string },
): Promise<boolean> {
  const row = await db
    .selectFrom("install_history")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .where((where) => where.or([where("consent", "=", consent), where("tarball_sha512", "=", tarballSha512)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Oldest first. */
export async function listHistory(db: Db, tenantId: string, installId: string, page: PageRequest) {
  let query = db
    .selectFrom("install_history")
    .select(["id", "seq", "change", "from_version", "version", "created_at"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .orderBy("seq")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("seq", ">", Number(page.after));
  return query.execute();
}

/** The change that is in force, and the one before it that a roll-back goes to. */
export async function findStanding(db: Db, tenantId: string, installId: string) {
  return db
    .selectFrom("install_history")
    .select(["id", "version", "tarball_sha512", "storage_before"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "=", installId)
    .where("change", "!=", "rolled-back")
    .where("undone", "=", false)
    .orderBy("seq", "desc")
    .limit(2)
    .execute();
}

/**
 * Forgets what older changes wrote over: beyond the last `versions`, and beyond `bytes` of all but the last. There is no
 * way back over these any more.
 */
export async function forgetStorageBefore(
  db: Db,
  tenantId: string,
  installId: string,
  kept: { versions: number; bytes: number },
): Promise<void> {
  await sql`
    update ${sql.id("core", "install_history")} set storage_before = null
    where id in (
      select id from (
        select id, row_number() over newest as place, sum(octet_length(storage_before::text)) over newest as bytes
        from ${sql.id("core", "install_history")}
        where tenant_id = ${tenantId} and install_id = ${installId} and storage_before is not null
        window newest as (order by seq desc)
      ) as standing
      where place > ${kept.versions} or (place > 1 and bytes > ${kept.bytes}))`.execute(db);
}

export async function markUndone(db: Db, tenantId: string, id: string): Promise<void> {
  await db
    .updateTable("install_history")
    .set({ undone: true, storage_before: null })
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .execute();
}

function inMs(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}
