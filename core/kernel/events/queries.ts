import { type Insertable, type Kysely, type Selectable, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";
import type { EventQuota, Published } from "./events.ts";

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

/** Stores it if the quota of the plugin and the tenant has room for `bytes` more, and for one more in this minute. */
export async function publishEvent(
  db: Kysely<CoreDatabase>,
  event: Insertable<CoreDatabase["events"]>,
  bytes: number,
  quota: EventQuota,
): Promise<Published> {
  const { rows } = await sql<{ outcome: Published["outcome"]; event_id: string }>`
    select * from ${sql.id("core", "event_publish")}(
      ${event.tenant_id}, ${event.id}, ${event.type}, ${event.source}::jsonb, ${event.data}::jsonb,
      ${event.dedupe_key}, ${bytes}, ${quota.perMinute}, ${quota.bytes})`.execute(db);
  const [row] = rows;
  if (!row) throw new Error("event_publish answered nothing");
  const { outcome, event_id: id } = row;
  return outcome === "ok" || outcome === "told" ? { outcome, id } : { outcome };
}

/** Waits for nobody: what somebody else is deleting is left to them. @returns how many */
export async function deleteOldEvents(db: Kysely<CoreDatabase>, days: number, most: number): Promise<number> {
  const old = db
    .selectFrom("events")
    .select("id")
    .where("created_at", "<", daysAgo(days))
    .orderBy("created_at")
    .limit(most)
    .forUpdate()
    .skipLocked();
  const deleted = await db.deleteFrom("events").where("id", "in", old).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** The day itself goes when its last events have gone. */
export async function deleteOldUsage(db: Kysely<CoreDatabase>, days: number): Promise<void> {
  await db
    .deleteFrom("event_usage")
    .where("day", "<", sql<Date>`(${daysAgo(days)} at time zone 'UTC')::date`)
    .execute();
}

function daysAgo(days: number) {
  return sql<Date>`(now() - make_interval(days => ${days}))`;
}

/** Oldest first. `type` is exact, or ends in `.*` for all below. */
export async function listEvents(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  { type }: { type?: string },
  { after, limit }: PageRequest,
) {
  if (type?.endsWith(".*")) return listEventsBelow(db, tenantId, type.slice(0, -1), { after, limit });
  let query = db
    .selectFrom("events")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("seq")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("seq", ">", Number(after));
  if (type !== undefined) query = query.where("type", "=", type);
  return query.execute();
}

/**
 * A tenant has few types and may have millions of events: the types below `prefix` are found one by one in the index, and
 * of each the page's events are. Read in the order of `seq`, a prefix that is rare would cost a look at every event.
 */
async function listEventsBelow(
  db: Kysely<CoreDatabase>,
  tenantId: string,
  prefix: string,
  { after, limit }: PageRequest,
) {
  const events = sql.id("core", "events");
  const { rows } = await sql<Selectable<CoreDatabase["events"]>>`
    with recursive types as (
      (select type from ${events} where tenant_id = ${tenantId} and type ~>=~ ${prefix}
        order by type using ~<~ limit 1)
      union all
      select next.type from types cross join lateral (
        select type from ${events} where tenant_id = ${tenantId} and type ~>~ types.type
          order by type using ~<~ limit 1
      ) next where starts_with(types.type, ${prefix})
    )
    select event.* from types cross join lateral (
      select * from ${events} of_type
        where of_type.tenant_id = ${tenantId} and of_type.type = types.type and seq > ${Number(after ?? -1)}
        order by seq limit ${limit + 1}
    ) event
    where starts_with(types.type, ${prefix})
    order by event.seq limit ${limit + 1}`.execute(db);
  return rows;
}
