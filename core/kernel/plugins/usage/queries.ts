import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";

/** What was counted of one meter of one install in one hour. */
export interface CountedWindow {
  installId: string;
  meter: string;
  /** A whole hour, in ms since 1970. */
  startsAt: number;
  tenantId: string;
  plugin: string;
  units: number;
  /** Those that were not of a trial. */
  chargedUnits: number;
}

type WindowKey = Pick<CountedWindow, "installId" | "meter" | "startsAt">;

/** Those of the tenants that are there. They are not deleted until the transaction ends. */
export async function holdTenants(tx: Kysely<CoreDatabase>, ids: string[]): Promise<Set<string>> {
  const rows = await tx.selectFrom("tenants").select("id").where("id", "in", ids).forKeyShare().execute();
  return new Set(rows.map(({ id }) => id));
}

/**
 * Adds to what all hosts have counted, in one statement.
 *
 * @param windows of tenants that are held, in the same order on every host, so that nobody waits in a circle
 * @returns those it was added to; a window that was sealed takes nothing more
 */
export async function addUnits(db: Kysely<CoreDatabase>, windows: CountedWindow[]): Promise<WindowKey[]> {
  if (windows.length === 0) return [];
  const rows = await db
    .insertInto("usage_windows")
    .values(
      windows.map((each) => ({
        install_id: each.installId,
        meter: each.meter,
        starts_at: new Date(each.startsAt),
        tenant_id: each.tenantId,
        plugin: each.plugin,
        units: each.units,
        charged_units: each.chargedUnits,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["install_id", "meter", "starts_at"])
        .doUpdateSet({
          units: sql<number>`usage_windows.units + excluded.units`,
          charged_units: sql<number>`usage_windows.charged_units + excluded.charged_units`,
        })
        .where("usage_windows.sealed_at", "is", null),
    )
    .returning(["install_id", "meter", "starts_at"])
    .execute();
  return rows.map(({ install_id, meter, starts_at }) => ({
    installId: install_id,
    meter,
    startsAt: starts_at.getTime(),
  }));
}

/** What these tenants owe for these plugins since a time: units by meter. */
export async function sumCharged(
  db: Kysely<CoreDatabase>,
  of: { tenantId: string; plugin: string }[],
  since: Date,
) {
  if (of.length === 0) return [];
  return db
    .selectFrom("usage_windows")
    .select((q) => [
      "tenant_id as tenantId",
      "plugin",
      "meter",
      sql<number>`${q.fn.sum("charged_units")}::bigint`.as("units"),
    ])
    .where("starts_at", ">=", since)
    .where((where) => where.or(of.map(({ tenantId, plugin }) => where.and({ tenant_id: tenantId, plugin }))))
    .groupBy(["tenant_id", "plugin", "meter"])
    .execute();
}

/** Nothing is added any more to the windows that began before a time. */
export async function sealWindows(db: Kysely<CoreDatabase>, o: { before: Date; at: Date }) {
  await db
    .updateTable("usage_windows")
    .set({ sealed_at: o.at })
    .where("starts_at", "<", o.before)
    .where("sealed_at", "is", null)
    .execute();
}

/** Oldest first. */
export async function listUnreported(db: Kysely<CoreDatabase>, limit: number) {
  return db
    .selectFrom("usage_windows")
    .select(["install_id", "meter", "starts_at", "units"])
    .where("reported_at", "is", null)
    .where("sealed_at", "is not", null)
    .orderBy("starts_at")
    .orderBy("install_id")
    .orderBy("meter")
    .limit(limit)
    .execute();
}

export async function markReported(
  db: Kysely<CoreDatabase>,
  {
    installId,
    meter,
    window,
    outcome,
  }: { installId: string; meter: string; window: string; outcome: string },
  at: Date,
) {
  await db
    .updateTable("usage_windows")
    .set({ reported_at: at, outcome })
    .where("install_id", "=", installId)
    .where("meter", "=", meter)
    .where("starts_at", "=", new Date(window))
    .execute();
}

export async function findCap(db: Kysely<CoreDatabase>, tenantId: string, plugin: string) {
  return db
    .selectFrom("spend_caps")
    .select("amount")
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .executeTakeFirst();
}

export async function listCaps(db: Kysely<CoreDatabase>, tenantId: string) {
  return db
    .selectFrom("spend_caps")
    .select(["plugin", "amount"])
    .where("tenant_id", "=", tenantId)
    .orderBy("plugin")
    .execute();
}

export async function putCap(
  db: Kysely<CoreDatabase>,
  cap: { tenant_id: string; plugin: string; amount: number },
) {
  await db
    .insertInto("spend_caps")
    .values(cap)
    .onConflict((conflict) =>
      conflict
        .columns(["tenant_id", "plugin"])
        .doUpdateSet({ amount: cap.amount, updated_at: sql<Date>`now()` }),
    )
    .execute();
}

export async function deleteCap(db: Kysely<CoreDatabase>, tenantId: string, plugin: string) {
  await db.deleteFrom("spend_caps").where("tenant_id", "=", tenantId).where("plugin", "=", plugin).execute();
}
