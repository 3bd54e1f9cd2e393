import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import { type Insertable, sql } from "kysely";
import type { RegistryDatabase } from "../../tables.ts";
import type { UsageTables } from "../../usage-tables.ts";

/** Until the transaction ends nobody closes these months. In one order, so that nobody waits in a circle. */
export async function keepOpen(transaction: RegistryDatabase, periods: string[]): Promise<void> {
  for (const period of [...new Set(periods)].sort()) {
    await sql`select pg_advisory_xact_lock_shared(${lockOf(period)})`.execute(transaction);
  }
}

/** Until the transaction ends nobody adds to the month or closes it. */
export async function holdPeriod(transaction: RegistryDatabase, period: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockOf(period)})`.execute(transaction);
}

function lockOf(period: string) {
  return sql`hashtextextended(${`usage ${period}`}, 0)`;
}

export async function isClosed(db: RegistryDatabase, period: string): Promise<boolean> {
  const row = await db
    .selectFrom("usage_periods")
    .select("period")
    .where("period", "=", period)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertReport(
  db: RegistryDatabase,
  report: { id: string; host_id: string; kid: string; report: string; received_at: Date },
) {
  await db.insertInto("usage_reports").values(report).execute();
}

export async function findInstall(db: RegistryDatabase, id: string) {
  return db
    .selectFrom("installs")
    .leftJoin("tenant_hosts", "tenant_hosts.tenant_id", "installs.tenant_id")
    .select([
      "installs.id",
      "installs.tenant_id",
      "installs.plugin",
      "installs.version",
      "installs.status",
      "installs.made_by",
      "installs.host_id",
      "installs.created_at",
      "installs.updated_at",
      "tenant_hosts.host as spoken_for_by",
    ])
    .where("installs.id", "=", id)
    .executeTakeFirst();
}

export type ReportedInstall = NonNullable<Awaited<ReturnType<typeof findInstall>>>;

/** @returns false where another host was faster */
export async function bindInstall(db: RegistryDatabase, id: string, hostId: string): Promise<boolean> {
  const row = await db
    .updateTable("installs")
    .set({ host_id: hostId })
    .where("id", "=", id)
    .where("host_id", "is", null)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Every set of prices that the tenant ever agreed to. */
export async function agreedPrices(
  db: RegistryDatabase,
  { tenant_id, plugin }: { tenant_id: string; plugin: string },
): Promise<Pricing[]> {
  const rows = await db
    .selectFrom("entitlements as e")
    .innerJoin("entitlement_history as h", "h.entitlement_id", "e.id")
    .select((q) => q.fn.coalesce("h.pricing", "e.pricing").as("pricing"))
    .where("e.tenant_id", "=", tenant_id)
    .where("e.plugin", "=", plugin)
    .execute();
  return rows.map(({ pricing }) => pricing);
}

export async function findWindow(
  db: RegistryDatabase,
  key: { install_id: string; meter: string; starts_at: Date },
) {
  return db
    .selectFrom("usage_windows")
    .select("units")
    .where("install_id", "=", key.install_id)
    .where("meter", "=", key.meter)
    .where("starts_at", "=", key.starts_at)
    .executeTakeFirst();
}

/** @returns false where the same window is there by now */
export async function insertWindow(
  db: RegistryDatabase,
  window: Insertable<UsageTables["usage_windows"]>,
): Promise<boolean> {
  const row = await db
    .insertInto("usage_windows")
    .values(window)
    .onConflict((conflict) => conflict.doNothing())
    .returning("install_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns whether it was not known yet */
export async function insertRefusal(
  db: RegistryDatabase,
  refusal: Insertable<UsageTables["usage_refusals"]>,
): Promise<boolean> {
  const row = await db
    .insertInto("usage_refusals")
    .values(refusal)
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function listRefusals(
  db: RegistryDatabase,
  page: { limit: number; before: string | undefined },
) {
  let rows = db.selectFrom("usage_refusals").selectAll().orderBy("id", "desc").limit(page.limit);
  if (page.before !== undefined) rows = rows.where("id", "<", page.before);
  return rows.execute();
}

export async function ensureTenantRef(
  db: RegistryDatabase,
  of: { publisher: string; tenant_id: string; ref: string },
) {
  await db
    .insertInto("usage_tenant_refs")
    .values(of)
    .onConflict((conflict) => conflict.columns(["publisher", "tenant_id"]).doNothing())
    .execute();
}

export async function tenantRefs(db: RegistryDatabase, publisher: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom("usage_tenant_refs")
    .select(["tenant_id", "ref"])
    .where("publisher", "=", publisher)
    .execute();
  return new Map(rows.map(({ tenant_id, ref }) => [tenant_id, ref]));
}

export interface UsageSum {
  tenantId: string;
  plugin: string;
  meter: string;
  /** Of the prices that stood when each of its windows began; of the present ones, where none did. */
  terms: string;
  pricing: Pricing;
  /** Whether it was bought or granted by then, and not ended. */
  isOwed: boolean;
  units: number;
}

/** Whose usage: one tenant's, one publisher's, or everybody's. */
export interface Whose {
  tenantId?: string | undefined;
  publisher?: string | undefined;
}

export async function sumUsage(
  db: RegistryDatabase,
  { from, to, tenantId, publisher }: { from: Date; to: Date } & Whose,
): Promise<UsageSum[]> {
  const { rows } = await sql<UsageSum>`
    select w.tenant_id as "tenantId", w.plugin, w.meter,
      coalesce(h.terms, e.terms) as terms,
      coalesce(h.pricing, e.pricing) as pricing,
      coalesce(h.state = 'active' and h.source <> 'trial', false) as "isOwed",
      sum(w.units)::bigint as units
    from registry.usage_windows w
    join registry.entitlements e on e.tenant_id = w.tenant_id and e.plugin = w.plugin
    left join lateral (
      select * from registry.entitlement_history
      where entitlement_id = e.id and at <= w.starts_at
      order by revision desc limit 1
    ) h on true
    where w.starts_at >= ${from} and w.starts_at < ${to}
      and (${tenantId ?? null}::text is null or w.tenant_id = ${tenantId ?? null})
      and (${publisher ?? null}::text is null or split_part(w.plugin, '/', 1) = ${publisher ?? null})
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 3, 4`.execute(db);
  return rows;
}

/** The months before a time that have usage and are not closed. */
export async function openPeriods(db: RegistryDatabase, before: Date): Promise<string[]> {
  const { rows } = await sql<{ period: string }>`
    select distinct to_char(starts_at at time zone 'UTC', 'YYYY-MM') as period from registry.usage_windows
    where starts_at < ${before}
      and not exists (
        select 1 from registry.usage_periods p where p.period = to_char(starts_at at time zone 'UTC', 'YYYY-MM'))
    order by 1`.execute(db);
  return rows.map(({ period }) => period);
}

/** @returns false where it is closed already */
export async function insertPeriod(db: RegistryDatabase, period: string, at: Date): Promise<boolean> {
  const row = await db
    .insertInto("usage_periods")
    .values({ period, closed_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning("period")
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertLines(db: RegistryDatabase, lines: Insertable<UsageTables["usage_lines"]>[]) {
  // PostgreSQL takes 65,535 parameters in a statement.
  for (let start = 0; start < lines.length; start += 1000) {
    await db
      .insertInto("usage_lines")
      .values(lines.slice(start, start + 1000))
      .execute();
  }
}

export async function listLines(
  db: RegistryDatabase,
  query: { period?: string; limit: number; after?: string | undefined; openOnly?: boolean } & Whose,
) {
  let rows = db.selectFrom("usage_lines").selectAll().orderBy("id").limit(query.limit);
  if (query.period !== undefined) rows = rows.where("period", "=", query.period);
  if (query.after !== undefined) rows = rows.where("id", ">", query.after);
  if (query.openOnly) rows = rows.where("invoiced_at", "is", null);
  if (query.tenantId !== undefined) rows = rows.where("tenant_id", "=", query.tenantId);
  if (query.publisher !== undefined) rows = rows.where(sql`split_part(plugin, '/', 1)`, "=", query.publisher);
  return rows.execute();
}

export type LineRow = Awaited<ReturnType<typeof listLines>>[number];

export async function markInvoiced(db: RegistryDatabase, id: string, at: Date) {
  await db
    .updateTable("usage_lines")
    .set({ invoiced_at: at })
    .where("id", "=", id)
    .where("invoiced_at", "is", null)
    .execute();
}
