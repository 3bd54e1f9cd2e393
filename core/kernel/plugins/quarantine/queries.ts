import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { PageRequest } from "../../paging.ts";

type Db = Kysely<CoreDatabase>;

export type QuarantineRow = Awaited<ReturnType<typeof listQuarantinesOf>>[number];

/** @returns whether it is new; another host may have been quicker */
export async function insertQuarantine(
  db: Db,
  quarantine: {
    id: string;
    plugin: string;
    version: string;
    tarball_sha512: string;
    tenant_id: string | null;
    reason: string;
    crashes: number;
  },
): Promise<boolean> {
  const inserted = await db
    .insertInto("quarantines")
    .values(quarantine)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function listQuarantinesOf(db: Db, tarballSha512: string) {
  return db.selectFrom("quarantines").selectAll().where("tarball_sha512", "=", tarballSha512).execute();
}

export async function listQuarantines(db: Db, page: PageRequest) {
  let query = db
    .selectFrom("quarantines")
    .selectAll()
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  return query.execute();
}

export async function deleteQuarantine(db: Db, id: string) {
  return db.deleteFrom("quarantines").where("id", "=", id).returningAll().executeTakeFirst();
}

/** Whose installs run the release: those of one tenant, or (null) of all. */
export async function listAffectedInstalls(db: Db, tarballSha512: string, tenantId: string | null) {
  return db
    .selectFrom("installs")
    .select(["id", "tenant_id"])
    .where("tarball_sha512", "=", tarballSha512)
    .where((where) => (tenantId === null ? sql<boolean>`true` : where("tenant_id", "=", tenantId)))
    .orderBy("id")
    .execute();
}

/** How many tenants have an install of the release that they may call. */
export async function countTenants(db: Db, tarballSha512: string): Promise<number> {
  const { tenants } = await db
    .selectFrom("installs")
    .select(({ fn }) => fn.count<string>("tenant_id").distinct().as("tenants"))
    .where("tarball_sha512", "=", tarballSha512)
    .where("status", "=", "active")
    .executeTakeFirstOrThrow();
  return Number(tenants);
}
