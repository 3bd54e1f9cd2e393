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

/** Ids are in the order of time. */
export async function pruneHookChanges(
  db: Db,
  tenantId: string,
  kept: { days: number; rows: number },
): Promise<void> {
  const oldestKept = db
    .selectFrom("hook_changes")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .orderBy("id", "desc")
    .offset(kept.rows - 1)
    .limit(1);
  await db
    .deleteFrom("hook_changes")
    .where("tenant_id", "=", tenantId)
    .where(({ eb, or }) =>
      or([
        eb("id", "<", oldestKept),
        eb("created_at", "<", sql<Date>`now() - make_interval(days => ${kept.days})`),
      ]),
    )
    .execute();
}
