import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import type { NameRegister } from "../scanning/index.ts";
import type { PublicationStatus, RegistryDatabase, RegistryTables } from "../tables.ts";

export type PublicationRow = Selectable<RegistryTables["publications"]>;

/** Under way: neither ended nor waiting for the operator. */
const open = ["validating", "scanning"] as const;

/** @returns undefined if the version is there already: published, or about to be */
export async function insertPublication(
  db: RegistryDatabase,
  publication: {
    id: string;
    publisher: string;
    plugin: string;
    version: string;
    statement_jws: string;
    tarball_sha512: string;
    tenant_id: string | null;
    created_at: Date;
  },
): Promise<PublicationRow | undefined> {
  return db
    .insertInto("publications")
    .values({ ...publication, status: "validating", finished_at: null })
    .onConflict((conflict) =>
      conflict.columns(["plugin", "version"]).where("status", "<>", "rejected").doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
}

export async function findPublication(db: RegistryDatabase, id: string): Promise<PublicationRow | undefined> {
  return db.selectFrom("publications").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The publication that occupies the version, if any. */
export async function findOccupant(db: RegistryDatabase, plugin: string, version: string) {
  return db
    .selectFrom("publications")
    .select(["id", "status"])
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .where("status", "<>", "rejected")
    .executeTakeFirst();
}

/** How much a publisher has sent in: since a time, and what of it is under way. */
export async function countUploads(db: RegistryDatabase, publisher: string, since: Date) {
  return db
    .selectFrom("publications")
    .select(({ fn }) => [
      fn.countAll<number>().as("recent"),
      fn.countAll<number>().filterWhere("status", "in", open).as("open"),
    ])
    .where("publisher", "=", publisher)
    .where("created_at", ">", since)
    .executeTakeFirstOrThrow();
}

/** How much of a publisher was published, or is about to be: versions of one plugin, and plugins. */
export async function countKept(
  db: RegistryDatabase,
  { publisher, plugin }: { publisher: string; plugin: string },
) {
  return db
    .selectFrom("publications")
    .select(({ fn }) => [
      fn.countAll<number>().filterWhere("plugin", "=", plugin).as("versions"),
      fn.count<number>("plugin").distinct().as("plugins"),
    ])
    .where("publisher", "=", publisher)
    .where("status", "<>", "rejected")
    .executeTakeFirstOrThrow();
}

/** Nobody else keeps a package of this publisher until the transaction ends. */
export async function lockUploads(transaction: RegistryDatabase, publisher: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`uploads:${publisher}`}, 0))`.execute(
    transaction,
  );
}

export async function listOpen(db: RegistryDatabase) {
  return db.selectFrom("publications").select("id").where("status", "in", open).orderBy("id").execute();
}

export async function findOpen(db: RegistryDatabase, id: string): Promise<PublicationRow | undefined> {
  return db
    .selectFrom("publications")
    .selectAll()
    .where("id", "=", id)
    .where("status", "in", open)
    .executeTakeFirst();
}

export async function findQuarantined(db: RegistryDatabase, id: string): Promise<PublicationRow | undefined> {
  return db
    .selectFrom("publications")
    .selectAll()
    .where("id", "=", id)
    .where("status", "=", "quarantined")
    .executeTakeFirst();
}

export async function markScanning(db: RegistryDatabase, id: string) {
  await db
    .updateTable("publications")
    .set({ status: "scanning" })
    .where("id", "=", id)
    .where("status", "=", "validating")
    .execute();
}

/** Of several that end one publication, the first gets the row and the others nothing. */
export async function lockOpen(transaction: RegistryDatabase, id: string) {
  return locked(transaction.selectFrom("publications"), id).where("status", "in", open).executeTakeFirst();
}

export async function lockQuarantined(transaction: RegistryDatabase, id: string) {
  return locked(transaction.selectFrom("publications"), id)
    .where("status", "=", "quarantined")
    .executeTakeFirst();
}

function locked(rows: SelectQueryBuilder<RegistryTables, "publications", object>, id: string) {
  return rows.select("id").where("id", "=", id).forUpdate();
}

export async function finishPublication(
  transaction: RegistryDatabase,
  id: string,
  outcome: {
    status: PublicationStatus;
    problems: string;
    notes?: string;
    decision?: string;
    finished_at: Date | null;
  },
) {
  await transaction.updateTable("publications").set(outcome).where("id", "=", id).execute();
}

export interface PublicationFilter {
  status?: PublicationStatus | undefined;
  publisher?: string | undefined;
  plugin?: string | undefined;
}

/** Newest first. */
export async function listPublications(
  db: RegistryDatabase,
  filter: PublicationFilter,
  page: { limit: number; before: string | undefined },
): Promise<PublicationRow[]> {
  let rows = db.selectFrom("publications").selectAll().orderBy("id", "desc").limit(page.limit);
  for (const column of ["status", "publisher", "plugin"] as const) {
    const wanted = filter[column];
    if (wanted !== undefined) rows = rows.where(column, "=", wanted);
  }
  if (page.before !== undefined) rows = rows.where("id", "<", page.before);
  return rows.execute();
}

export async function isVerified(db: RegistryDatabase, publisher: string): Promise<boolean> {
  const row = await db
    .selectFrom("publishers")
    .select("verified")
    .where("name", "=", publisher)
    .executeTakeFirst();
  return row?.verified === true;
}

/** Rejected publications whose tarball may go. */
export async function listRejectedBefore(db: RegistryDatabase, before: Date, limit: number) {
  return db
    .selectFrom("publications")
    .select(["id", "tarball_sha512"])
    .where("status", "=", "rejected")
    .where("finished_at", "<", before)
    .where("tarball_removed_at", "is", null)
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** Whether a publication other than those still needs the bytes. */
export async function isTarballNeeded(db: RegistryDatabase, sha512: string, before: Date): Promise<boolean> {
  const row = await db
    .selectFrom("publications")
    .select("id")
    .where("tarball_sha512", "=", sha512)
    .where((where) => where.or([where("status", "<>", "rejected"), where("finished_at", ">=", before)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function markTarballRemoved(db: RegistryDatabase, id: string, at: Date) {
  await db.updateTable("publications").set({ tarball_removed_at: at }).where("id", "=", id).execute();
}

/** More than these are not compared with: the best-known come first. */
const protectedMost = 5_000;
/** From so many installs on, others may want to be taken for it. */
const wellKnownInstalls = 25;

export function createNameRegister(db: RegistryDatabase): NameRegister {
  return {
    async listProtected() {
      return (
        db
          .selectFrom("listings")
          .innerJoin("publishers", "publishers.name", "listings.publisher")
          .leftJoin("plugin_statistics", "plugin_statistics.plugin_id", "listings.plugin")
          // A finding names what a name is near to: nobody is to learn of a private plugin by publishing one like it.
          .where("listings.tenant_id", "is", null)
          .select(["listings.plugin", "listings.publisher", "listings.display_name as displayName"])
          .where((where) =>
            where.or([
              where("publishers.verified", "=", true),
              where("plugin_statistics.installs_active", ">=", wellKnownInstalls),
            ]),
          )
          .orderBy("publishers.verified", "desc")
          .orderBy(sql`coalesce(plugin_statistics.installs_active, 0)`, "desc")
          .limit(protectedMost)
          .execute()
      );
    },
    async findDisplayName(plugin) {
      const row = await db
        .selectFrom("listings")
        .select("display_name")
        .where("plugin", "=", plugin)
        .executeTakeFirst();
      return row?.display_name;
    },
  };
}
