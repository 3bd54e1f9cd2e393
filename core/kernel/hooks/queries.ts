import { type Insertable, type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";

type Db = Kysely<CoreDatabase>;

export async function insertHookChange(
  db: Db,
  change: Insertable<CoreDatabase["hook_changes"]>,
): Promise<void> {
  await db.insertInto("hook_changes").values(change).execute();
}

/** The oldest first. */
export async function listHookChanges(
  db: Db,
  tenantId: string,
  filter: { callId?: string },
  page: PageRequest,
) {
  let query = db
    .selectFrom("hook_changes")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id")
    .limit(page.limit + 1);
  if (filter.callId !== undefined) query = query.where("call_id", "=", filter.callId);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  return query.execute();
}

/** Of all tenants. Waits for nobody. @returns how many */
export async function deleteOld(db: Db, days: number, most: number): Promise<number> {
  const old = db
    .selectFrom("hook_changes")
    .select("id")
    .where("created_at", "<", sql<Date>`now() - make_interval(days => ${days})`)
    .orderBy("created_at")
    .limit(most)
    .forUpdate()
    .skipLocked();
  return rowsOf(await db.deleteFrom("hook_changes").where("id", "in", old).executeTakeFirst());
}

export async function listTenantsBeyond(db: Db, rows: number): Promise<string[]> {
  const found = await db
    .selectFrom("hook_changes")
    .select("tenant_id")
    .groupBy("tenant_id")
    .having(({ fn }) => fn.countAll(), ">", rows)
    .execute();
  return found.map(({ tenant_id }) => tenant_id);
}

/** All but the last `rows` of the tenant; ids are in the order of time. @returns how many */
export async function deleteBeyond(db: Db, tenantId: string, rows: number, most: number): Promise<number> {
  const beyond = db
    .selectFrom("hook_changes")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .orderBy("id", "desc")
    .offset(rows)
    .limit(most);
  return rowsOf(await db.deleteFrom("hook_changes").where("id", "in", beyond).executeTakeFirst());
}

function rowsOf({ numDeletedRows }: { numDeletedRows: bigint }): number {
  return Number(numDeletedRows);
}
