import { type Kysely, type Selectable, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";

type Db = Kysely<CoreDatabase>;
export type TriggerRow = Selectable<CoreDatabase["triggers"]>;

/** A trigger of a connection. */
export interface TriggerPlace {
  connectionId: string;
  trigger: string;
}

export async function listTriggers(db: Db, tenantId: string, connectionId: string): Promise<TriggerRow[]> {
  return db
    .selectFrom("triggers")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("connection_id", "=", connectionId)
    .execute();
}

export interface NewState {
  tenantId: string;
  isEnabled: boolean;
  config: object;
  intervalSeconds: number;
  /** Given to begin anew: whether what is there already is told. */
  startAt: "now" | "beginning" | undefined;
}

/**
 * Writes what a tenant wants. Whoever polls at the moment polls for nothing. Other settings, or `startAt`, begin anew: the
 * cursor goes, and what was seen is forgotten.
 */
export async function writeTrigger(tx: Db, place: TriggerPlace, state: NewState): Promise<TriggerRow> {
  const { connectionId: connection_id, trigger } = place;
  const config = JSON.stringify(state.config);
  const found = await tx
    .selectFrom("triggers")
    .select(sql<boolean>`config = ${config}::jsonb`.as("isSame"))
    .where("connection_id", "=", connection_id)
    .where("trigger", "=", trigger)
    .forUpdate()
    .executeTakeFirst();
  const isAnew = state.startAt !== undefined || found?.isSame === false;
  if (isAnew) await forgetItems(tx, place);
  const wanted = {
    is_enabled: state.isEnabled,
    config,
    interval_seconds: state.intervalSeconds,
    failures: 0,
    last_error: null,
    lease_until: null,
  };
  const now = sql<Date>`now()`;
  const beginning = { cursor: null, first_pages: 0, is_first: state.startAt !== "beginning" };
  return tx
    .insertInto("triggers")
    .values({ connection_id, trigger, tenant_id: state.tenantId, ...wanted, next_poll_at: now, ...beginning })
    .onConflict((conflict) =>
      conflict.columns(["connection_id", "trigger"]).doUpdateSet({
        ...wanted,
        next_poll_at: sql<Date>`greatest(now(), triggers.held_until)`,
        ...(isAnew && beginning),
        revision: sql<number>`triggers.revision + 1`,
        updated_at: sql<Date>`now()`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function forgetItems(db: Db, { connectionId, trigger }: TriggerPlace): Promise<void> {
  await db
    .deleteFrom("trigger_items")
    .where("connection_id", "=", connectionId)
    .where("trigger", "=", trigger)
    .execute();
}

/** Holds the row until the transaction ends. */
export async function holdTrigger(
  tx: Db,
  { connectionId, trigger }: TriggerPlace,
): Promise<TriggerRow | undefined> {
  return tx
    .selectFrom("triggers")
    .selectAll()
    .where("connection_id", "=", connectionId)
    .where("trigger", "=", trigger)
    .forUpdate()
    .executeTakeFirst();
}

/** How long it is still, in ms, until the next poll, and until the vendor may be asked at all; by the database's clock. */
export async function findWaits(db: Db, { connectionId, trigger }: TriggerPlace) {
  const left = (column: "next_poll_at" | "held_until") =>
    sql<number>`coalesce(greatest(extract(epoch from ${sql.ref(column)} - now()) * 1000, 0), 0)::float8`;
  return db
    .selectFrom("triggers")
    .select([left("next_poll_at").as("pollMs"), left("held_until").as("heldMs")])
    .where("connection_id", "=", connectionId)
    .where("trigger", "=", trigger)
    .executeTakeFirst();
}

/** Makes a trigger due, or as soon as the vendor may be asked. */
export async function makeDue(tx: Db, { connection_id, trigger }: TriggerRow): Promise<void> {
  await tx
    .updateTable("triggers")
    .set({ next_poll_at: sql<Date>`least(next_poll_at, greatest(now(), held_until))` })
    .where("connection_id", "=", connection_id)
    .where("trigger", "=", trigger)
    .execute();
}

/** Whose trigger it is; undefined when its connection is gone. */
export async function findPlugin(db: Db, { connectionId }: TriggerPlace): Promise<string | undefined> {
  const row = await db
    .selectFrom("connections")
    .innerJoin("installs", "installs.id", "connections.install_id")
    .select("installs.plugin")
    .where("connections.id", "=", connectionId)
    .executeTakeFirst();
  return row?.plugin;
}

/**
 * Takes a trigger that is due, for as long as a poll may take: nobody else polls it until then.
 * @returns undefined when it is not due, off, gone, or another host's
 */
export async function claimTrigger(
  db: Db,
  { connectionId, trigger }: TriggerPlace,
  forMs: number,
): Promise<TriggerRow | undefined> {
  return db
    .updateTable("triggers")
    .set({ lease_until: inMs(forMs), revision: sql<number>`revision + 1` })
    .where("connection_id", "=", connectionId)
    .where("trigger", "=", trigger)
    .where("is_enabled", "=", true)
    .where("next_poll_at", "<=", sql<Date>`now()`)
    .where((eb) => eb.or([eb("lease_until", "is", null), eb("lease_until", "<=", sql<Date>`now()`)]))
    .returningAll()
    .executeTakeFirst();
}

/** Holds the row until the transaction ends. @returns whether it is still as it was claimed */
export async function holdClaim(tx: Db, { connection_id, trigger, revision }: TriggerRow): Promise<boolean> {
  const row = await tx
    .selectFrom("triggers")
    .select("revision")
    .where("connection_id", "=", connection_id)
    .where("trigger", "=", trigger)
    .where("revision", "=", revision)
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of the keys that were seen before, which are noted as seen again: at most once a day. */
export async function seenBefore(tx: Db, row: TriggerRow, keys: Buffer[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const seen = await tx
    .selectFrom("trigger_items")
    .select(["key", sql<boolean>`seen_at < now() - interval '1 day'`.as("isOld")])
    .where("connection_id", "=", row.connection_id)
    .where("trigger", "=", row.trigger)
    .where("key", "in", keys)
    .execute();
  const old = seen.filter(({ isOld }) => isOld).map(({ key }) => key);
  if (old.length > 0)
    await tx
      .updateTable("trigger_items")
      .set({ seen_at: sql<Date>`now()` })
      .where("connection_id", "=", row.connection_id)
      .where("trigger", "=", row.trigger)
      .where("key", "in", old)
      .execute();
  return new Set(seen.map(({ key }) => key.toString("hex")));
}

/** How many keys are kept, `most` at most. */
export async function countItems(
  tx: Db,
  { connection_id, trigger }: TriggerRow,
  most: number,
): Promise<number> {
  const kept = tx
    .selectFrom("trigger_items")
    .select(sql`1`.as("one"))
    .where("connection_id", "=", connection_id)
    .where("trigger", "=", trigger)
    .limit(most)
    .as("kept");
  const { count } = await tx
    .selectFrom(kept)
    .select((eb) => eb.fn.countAll().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function noteSeen(tx: Db, row: TriggerRow, keys: Buffer[]): Promise<void> {
  if (keys.length === 0) return;
  const { connection_id, trigger } = row;
  await tx
    .insertInto("trigger_items")
    .values(keys.map((key) => ({ connection_id, trigger, key })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export interface PollEnd {
  cursor: string | null;
  isFirst: boolean;
  toldCount: number;
  failures: number;
  error: object | null;
  nextPollInMs: number;
  /** For so long nobody may ask the vendor, whoever wishes it. */
  heldMs: number | null;
}

/** Ends a poll, unless the trigger was changed meanwhile. @returns when it is polled next; undefined when it was changed */
export async function endPoll(db: Db, row: TriggerRow, end: PollEnd): Promise<Date | undefined> {
  const ended = await db
    .updateTable("triggers")
    .set({
      cursor: end.cursor,
      is_first: end.isFirst,
      ...(row.is_first && end.error === null && { first_pages: row.first_pages + 1 }),
      told_count: sql<number>`told_count + ${end.toldCount}`,
      failures: end.failures,
      last_error: end.error && JSON.stringify(end.error),
      last_polled_at: sql<Date>`now()`,
      next_poll_at: inMs(end.nextPollInMs),
      held_until: end.heldMs === null ? null : inMs(end.heldMs),
      lease_until: null,
      revision: sql<number>`revision + 1`,
    })
    .where("connection_id", "=", row.connection_id)
    .where("trigger", "=", row.trigger)
    .where("revision", "=", row.revision)
    .returning("next_poll_at")
    .executeTakeFirst();
  return ended?.next_poll_at;
}

/**
 * What is due for longer than it should be: its job was lost, or its host. Of each tenant one, then of each the second, …:
 * of each as many as its share of `most`. Read are as many rows as are answered and one for each tenant, by an index,
 * however much is overdue.
 */
export async function listOverdue(db: Db, bySeconds: number, most: number) {
  const overdue = sql`is_enabled and next_poll_at < now() - make_interval(secs => ${bySeconds})
    and (lease_until is null or lease_until <= now())`;
  const found = await sql<Pick<TriggerRow, "connection_id" | "trigger" | "tenant_id">>`
    with recursive owners as (
      (select tenant_id from core.triggers where is_enabled order by tenant_id limit 1)
      union all
      select (select tenant_id from core.triggers where is_enabled and tenant_id > owners.tenant_id order by tenant_id limit 1)
      from owners where owners.tenant_id is not null
    ), waiting as materialized (
      select tenant_id from owners where exists (
        select from core.triggers where triggers.tenant_id = owners.tenant_id and ${overdue}
      )
    )
    select connection_id, trigger, tenant_id from waiting cross join lateral (
      select connection_id, trigger, next_poll_at, row_number() over (order by next_poll_at) as turn
      from core.triggers where triggers.tenant_id = waiting.tenant_id and ${overdue}
      order by next_poll_at limit (select ceil(${most}::numeric / nullif(count(*), 0))::bigint from waiting)
    ) as share
    order by turn, next_poll_at limit ${most}`.execute(db);
  return found.rows;
}

/** @returns how many */
export async function deleteOldItems(db: Db, days: number, most: number): Promise<number> {
  const old = sql`select ctid from ${sql.id("core", "trigger_items")}
    where seen_at < now() - make_interval(days => ${days}) limit ${most}`;
  const deleted =
    await sql`delete from ${sql.id("core", "trigger_items")} where ctid = any(array(${old}))`.execute(db);
  return Number(deleted.numAffectedRows ?? 0);
}

/** In whole ms, as a Date has it: the job must not come before its time. */
function inMs(ms: number) {
  return sql<Date>`date_trunc('milliseconds', now() + make_interval(secs => ${ms / 1000}))`;
}
