import { type Insertable, type Selectable, sql } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";

export type NoticeRow = Selectable<RegistryTables["notices"]>;

export async function insertNotice(db: RegistryDatabase, notice: Insertable<RegistryTables["notices"]>) {
  await db.insertInto("notices").values(notice).execute();
}

export async function listNotices(
  db: RegistryDatabase,
  query: { open: boolean; limit: number; before: string | undefined },
): Promise<NoticeRow[]> {
  let rows = db.selectFrom("notices").selectAll().orderBy("id", "desc").limit(query.limit);
  if (query.open) rows = rows.where("acknowledged_at", "is", null);
  if (query.before !== undefined) rows = rows.where("id", "<", query.before);
  return rows.execute();
}

/** The time of the first acknowledgement stays. */
export async function acknowledge(db: RegistryDatabase, id: string, at: Date) {
  return db
    .updateTable("notices")
    .set({ acknowledged_at: sql<Date>`coalesce(acknowledged_at, ${at})` })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}
