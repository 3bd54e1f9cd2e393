import { newId } from "@plugboard/service-kit/crypto";
import { type Kysely, sql } from "kysely";
import type { PageRequest } from "../../kernel/paging.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { LogFilter } from "./activity.ts";
import type { GatheredLine, Minute } from "./gathered.ts";
import { levels } from "./log-line.ts";
import { emptyTimes } from "./times.ts";

type Db = Kysely<CoreDatabase>;

/** A table of this schema, in text that Kysely does not read. */
const inCore = (table: keyof CoreDatabase) => sql.id("core", table);

/** Adds to what other hosts have counted. What belongs to a connection that is gone is left out. */
export async function addMinutes(db: Db, minutes: Minute[]): Promise<void> {
  if (minutes.length === 0) return;
  const rows = minutes
    // In one order on every host, so that two of them never wait for each other.
    .toSorted((one, other) => (one.connectionId < other.connectionId ? -1 : 1))
    .map(({ startsAt, lastAt, ...minute }) => ({
      ...minute,
      startsAt: new Date(startsAt),
      lastAt: new Date(lastAt),
    }));
  await sql`
    insert into ${inCore("connection_minutes")} as known
      (connection_id, tenant_id, starts_at, total, failed, duration_ms, last_at, times)
    select given."connectionId", given."tenantId", given."startsAt", given.total, given.failed,
      given."durationMs", given."lastAt", array(select json_array_elements_text(given.times)::integer)
    from json_to_recordset(${JSON.stringify(rows)}) as given(
      "connectionId" text, "tenantId" text, "startsAt" timestamptz, total integer, failed integer,
      "durationMs" double precision, "lastAt" timestamptz, times json)
    join ${inCore("connections")} on connections.id = given."connectionId" and connections.tenant_id = given."tenantId"
    on conflict (connection_id, starts_at) do update set
      total = known.total + excluded.total,
      failed = known.failed + excluded.failed,
      duration_ms = known.duration_ms + excluded.duration_ms,
      last_at = greatest(known.last_at, excluded.last_at),
      times = array(
        select coalesce(one, 0) + coalesce(other, 0)
        from unnest(known.times, excluded.times) with ordinality as both_times(one, other, step)
        order by step)
  `.execute(db);
}

export async function insertLines(db: Db, lines: GatheredLine[]): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map((line, place) => ({
    place,
    id: newId("log"),
    ...line,
    level: levels.indexOf(line.level),
  }));
  await sql`
    insert into ${inCore("connection_logs")}
      (id, connection_id, tenant_id, at, level, method, host, path, status, code, duration_ms, attempts)
    select given.id, given."connectionId", given."tenantId", given.at, given.level, given.method, given.host,
      given.path, given.status, given.code, given."durationMs", given.attempts
    from json_to_recordset(${JSON.stringify(rows)}) as given(
      place integer, id text, "connectionId" text, "tenantId" text, at timestamptz, level smallint, method text, host text,
      path text, status integer, code text, "durationMs" integer, attempts integer)
    join ${inCore("connections")} on connections.id = given."connectionId" and connections.tenant_id = given."tenantId"
    order by given.place
  `.execute(db);
}

/** `from` within, `to` without. Added up where they are: three months of a busy connection have 129,600 rows. */
export async function sumMinutes(db: Db, tenantId: string, connectionId: string, from: Date, to: Date) {
  const times = sql.join(emptyTimes().map((_, step) => sql`coalesce(sum(times[${sql.lit(step + 1)}]), 0)`));
  const { rows } = await sql<{
    total: number;
    failed: number;
    durationMs: number;
    lastAt: Date | null;
    times: number[];
  }>`
    select coalesce(sum(total), 0)::double precision as total, coalesce(sum(failed), 0)::double precision as failed,
      coalesce(sum(duration_ms), 0) as "durationMs", max(last_at) as "lastAt",
      array[${times}]::double precision[] as times
    from ${inCore("connection_minutes")}
    where tenant_id = ${tenantId} and connection_id = ${connectionId} and starts_at >= ${from} and starts_at < ${to}
  `.execute(db);
  return rows[0] ?? { total: 0, failed: 0, durationMs: 0, lastAt: null, times: emptyTimes() };
}

/** The newest first. */
export async function listLines(
  db: Db,
  tenantId: string,
  connectionId: string,
  { level, q, from, to }: LogFilter,
  page: PageRequest,
) {
  let query = db
    .selectFrom("connection_logs")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("connection_id", "=", connectionId)
    .orderBy("seq", "desc")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("seq", "<", Number(page.after));
  if (level !== undefined) query = query.where("level", ">=", levels.indexOf(level));
  if (from !== undefined) query = query.where("at", ">=", from);
  if (to !== undefined) query = query.where("at", "<", to);
  if (q !== undefined) {
    const text = sql<string>`concat_ws(' ', method, host || path, status, code)`;
    query = query.where(sql<boolean>`position(lower(${q}) in lower(${text})) > 0`);
  }
  return query.execute();
}

/** Of all tenants. Waits for nobody. @returns how many */
export async function deleteOldLines(db: Db, before: Date, most: number): Promise<number> {
  const old = db
    .selectFrom("connection_logs")
    .select("seq")
    .where("at", "<", before)
    .orderBy("at")
    .limit(most)
    .forUpdate()
    .skipLocked();
  return rowsOf(await db.deleteFrom("connection_logs").where("seq", "in", old).executeTakeFirst());
}

export async function deleteOldMinutes(db: Db, before: Date, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from ${inCore("connection_minutes")} where (connection_id, starts_at) in (
      select connection_id, starts_at from ${inCore("connection_minutes")}
      where starts_at < ${before}
      order by starts_at limit ${most} for update skip locked)
  `.execute(db);
  return Number(numAffectedRows);
}

export async function listConnectionsBeyond(db: Db, rows: number): Promise<string[]> {
  const found = await db
    .selectFrom("connection_logs")
    .select("connection_id")
    .groupBy("connection_id")
    .having(({ fn }) => fn.countAll(), ">", rows)
    .execute();
  return found.map(({ connection_id }) => connection_id);
}

/** All but the last `rows` of the connection. @returns how many */
export async function deleteLinesBeyond(
  db: Db,
  connectionId: string,
  rows: number,
  most: number,
): Promise<number> {
  const beyond = db
    .selectFrom("connection_logs")
    .select("seq")
    .where("connection_id", "=", connectionId)
    .orderBy("seq", "desc")
    .offset(rows)
    .limit(most);
  return rowsOf(await db.deleteFrom("connection_logs").where("seq", "in", beyond).executeTakeFirst());
}

function rowsOf({ numDeletedRows }: { numDeletedRows: bigint }): number {
  return Number(numDeletedRows);
}
