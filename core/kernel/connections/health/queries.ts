import { type Insertable, type Kysely, sql } from "kysely";
import type { CoreDatabase, HealthState } from "../../../tables.ts";
import type { ConnectionRow } from "../queries.ts";

type Db = Kysely<CoreDatabase>;

/** Has the connection looked at in so many ms, at the latest; at first, or when it was changed. */
export async function scheduleLook(
  db: Db,
  tenantId: string,
  connectionId: string,
  inMs: number,
): Promise<void> {
  const next_check_at = msFromNow(inMs);
  await db
    .insertInto("connection_health")
    .values({ connection_id: connectionId, tenant_id: tenantId, state: "unknown", next_check_at })
    .onConflict((conflict) => conflict.column("connection_id").doUpdateSet({ next_check_at, failures: 0 }))
    .execute();
}

/**
 * Has one that was well so far looked at in so many ms, at the latest. One that failed has its own, growing intervals.
 * @returns false if nothing was to be changed
 */
export async function bringForward(
  db: Db,
  tenantId: string,
  connectionId: string,
  inMs: number,
): Promise<boolean> {
  const changed = await db
    .updateTable("connection_health")
    .set({ next_check_at: msFromNow(inMs) })
    .where("tenant_id", "=", tenantId)
    .where("connection_id", "=", connectionId)
    .where("failures", "=", 0)
    .where("next_check_at", ">", msFromNow(inMs))
    .returning("connection_id")
    .executeTakeFirst();
  return changed !== undefined;
}

/** What other hosts may hold at the moment of those whose turn it is. */
const mostTakenElsewhere = 256;

/**
 * Takes some that are due, tenants in turns, and puts off their next look for as long as this one may take: nobody else
 * takes them meanwhile, and if it is cut off they are due again. It reads a few rows of each tenant, however many are due.
 * @param o.perTenant of one tenant at most so many; none of those in `except`
 */
export async function claimDue(
  db: Db,
  { limit, perTenant, except, forMs }: { limit: number; perTenant: number; except: string[]; forMs: number },
): Promise<ConnectionRow[]> {
  const health = sql.id("core", "connection_health");
  const { rows } = await sql<{ connection_id: string }>`
    with recursive tenants as (
      select min(tenant_id) as tenant_id from ${health}
      union all
      select (select min(tenant_id) from ${health} where tenant_id > tenants.tenant_id)
      from tenants where tenant_id is not null
    ), ranked as (
      select due.* from tenants cross join lateral (
        select connection_id, next_check_at, row_number() over (order by next_check_at) as turn
        from ${health} where tenant_id = tenants.tenant_id and next_check_at <= now()
        order by next_check_at limit ${Math.min(perTenant, 2 * limit)}
      ) as due
      where tenants.tenant_id <> all(${except}::text[])
      order by turn, next_check_at limit ${limit + mostTakenElsewhere}
    ), taken as (
      select health.connection_id from ${health} as health join ranked using (connection_id)
      where health.next_check_at <= now()
      order by ranked.turn, ranked.next_check_at
      limit ${limit} for update of health skip locked
    )
    update ${health} set next_check_at = ${msFromNow(forMs)}
    where connection_id in (select connection_id from taken) returning connection_id`.execute(db);
  if (rows.length === 0) return [];
  return db
    .selectFrom("connections")
    .selectAll()
    .where(
      "id",
      "in",
      rows.map(({ connection_id }) => connection_id),
    )
    .execute();
}

export async function findHealth(db: Db, connectionId: string) {
  return db
    .selectFrom("connection_health")
    .selectAll()
    .where("connection_id", "=", connectionId)
    .executeTakeFirst();
}

export type HealthRow = NonNullable<Awaited<ReturnType<typeof findHealth>>>;

/** Keeps others from writing what follows from it until the transaction ends. */
export async function holdHealth(tx: Db, connectionId: string): Promise<HealthRow | undefined> {
  return tx
    .selectFrom("connection_health")
    .selectAll()
    .where("connection_id", "=", connectionId)
    .forUpdate()
    .executeTakeFirst();
}

export async function updateHealth(
  tx: Db,
  connectionId: string,
  change: {
    state?: HealthState;
    failures?: number;
    nextInMs?: number;
    told?: { expiresAt: Date; days: number };
  },
): Promise<void> {
  const { state, failures, nextInMs, told } = change;
  await tx
    .updateTable("connection_health")
    .set({
      ...(state && { state }),
      ...(failures !== undefined && { failures }),
      ...(nextInMs !== undefined && { next_check_at: msFromNow(nextInMs) }),
      ...(told && { told_expiry_at: told.expiresAt, told_expiry_days: told.days }),
    })
    .where("connection_id", "=", connectionId)
    .execute();
}

/** Stores a check, and keeps the last `most` of the connection. */
export async function insertCheck(
  tx: Db,
  check: Insertable<CoreDatabase["connection_checks"]>,
  most: number,
): Promise<void> {
  await tx.insertInto("connection_checks").values(check).execute();
  const last = tx
    .selectFrom("connection_checks")
    .select("seq")
    .where("connection_id", "=", check.connection_id)
    .orderBy("seq", "desc")
    .offset(most)
    .limit(1);
  await tx
    .deleteFrom("connection_checks")
    .where("connection_id", "=", check.connection_id)
    .where("seq", "<=", last)
    .execute();
}

/** The latest first. */
export async function listChecks(db: Db, connectionId: string, limit: number) {
  return db
    .selectFrom("connection_checks")
    .select(["outcome", "http_status", "duration_ms", "checked_at"])
    .where("connection_id", "=", connectionId)
    .orderBy("seq", "desc")
    .limit(limit)
    .execute();
}

function msFromNow(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}
