import { type Insertable, type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";

/** @returns undefined if the same fact was stored before; nothing is changed then */
export async function insertEvent(
  db: Kysely<CoreDatabase>,
  event: Insertable<CoreDatabase["events"]>,
): Promise<{ id: string } | undefined> {
  return db
    .insertInto("events")
    .values(event)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
}

export async function findEventByKey(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  installId: string | undefined,
  dedupeKey: string | null,
): Promise<{ id: string } | undefined> {
  return db
    .selectFrom("events")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .where(sql<string>`source ->> 'installId'`, "=", installId ?? null)
    .where("dedupe_key", "=", dedupeKey)
    .executeTakeFirst();
}

/** Oldest first. `type` is exact, or ends in `.*` for all below. */
export async function listEvents(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  filter: { type?: string },
  page: PageRequest,
) {
  let query = db
    .selectFrom("events")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  if (filter.type?.endsWith(".*"))
    query = query.where("type", "like", `${filter.type.slice(0, -1).replace(/[\\%_]/g, "\\$&")}%`);
  else if (filter.type !== undefined) query = query.where("type", "=", filter.type);
  return query.execute();
}
