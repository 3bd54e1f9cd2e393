import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

/** `day` is a date in UTC, as `YYYY-MM-DD`. */
interface Counted {
  plugin: string;
  day: string;
  at: Date;
}

/** @param install.isFirst whether this tenant never had the plugin before */
export async function addInstall(db: RegistryDatabase, install: Counted & { isFirst: boolean }) {
  const first = install.isFirst ? 1 : 0;
  await db
    .updateTable("plugin_statistics")
    .set((eb) => ({
      installs_active: eb("installs_active", "+", 1),
      installs_total: eb("installs_total", "+", first),
      updated_at: install.at,
    }))
    .where("plugin_id", "=", install.plugin)
    .execute();
  if (!install.isFirst) return;
  await db
    .insertInto("plugin_days")
    .values({ plugin_id: install.plugin, day: install.day, installs: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(["plugin_id", "day"])
        .doUpdateSet((eb) => ({ installs: eb("plugin_days.installs", "+", 1) })),
    )
    .execute();
}

export async function hadInstall(
  db: RegistryDatabase,
  install: { plugin: string; tenantId: string; besides: string },
): Promise<boolean> {
  const row = await db
    .selectFrom("installs")
    .select("id")
    .where("tenant_id", "=", install.tenantId)
    .where("plugin", "=", install.plugin)
    .where("id", "<>", install.besides)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function removeInstall(db: RegistryDatabase, plugin: string, at: Date) {
  await db
    .updateTable("plugin_statistics")
    .set((eb) => ({ installs_active: eb("installs_active", "-", 1), updated_at: at }))
    .where("plugin_id", "=", plugin)
    .execute();
}

/** Counts the download unless the same downloader was counted on that day already: in one statement, so that none counts twice. */
export async function addDownload(db: RegistryDatabase, download: Counted & { downloader: string }) {
  const { plugin, day, at, downloader } = download;
  await db
    .with("mark", (cte) =>
      cte
        .insertInto("download_marks")
        .values({ day, plugin_id: plugin, downloader })
        .onConflict((conflict) => conflict.columns(["day", "plugin_id", "downloader"]).doNothing())
        .returning("plugin_id"),
    )
    .with("counted", (cte) =>
      cte
        .insertInto("plugin_days")
        .columns(["plugin_id", "day", "downloads"])
        .expression((eb) =>
          eb
            .selectFrom("mark")
            .select(["mark.plugin_id", sql<string>`${day}::date`.as("day"), sql<number>`1`.as("one")]),
        )
        .onConflict((conflict) =>
          conflict
            .columns(["plugin_id", "day"])
            .doUpdateSet((eb) => ({ downloads: eb("plugin_days.downloads", "+", 1) })),
        ),
    )
    .updateTable("plugin_statistics")
    .set((eb) => ({ downloads: eb("downloads", "+", 1), updated_at: at }))
    .where("plugin_id", "in", (eb) => eb.selectFrom("mark").select("mark.plugin_id"))
    .execute();
}

/** The days of `listings.plugin` on which something was counted, for a query that reads that table. */
export function daysSince(from: string) {
  return sql<CountedDay[]>`coalesce((
    select json_agg(json_build_object(
      'day', to_char(counted.day, 'YYYY-MM-DD'), 'installs', counted.installs, 'downloads', counted.downloads)
      order by counted.day)
    from ${sql.id("registry", "plugin_days")} counted
    where counted.plugin_id = listings.plugin and counted.day >= ${from}::date), '[]')`;
}

export interface CountedDay {
  day: string;
  installs: number;
  downloads: number;
}

export async function forgetMarks(db: RegistryDatabase, before: string) {
  await db.deleteFrom("download_marks").where("day", "<", before).execute();
}

/**
 * Works out anew which plugins are installed beside which.
 *
 * @param bounds.fewestTenants fewer say too much of each of them
 * @param bounds.mostInstalls a tenant that has more tells nothing of what goes together, and takes its square in rows
 */
export async function replaceCoInstalls(
  db: RegistryDatabase,
  bounds: { fewestTenants: number; mostInstalls: number; mostOthers: number },
) {
  await db.transaction().execute(async (transaction) => {
    const counted = transaction
      .selectFrom("installs")
      .select("tenant_id")
      .where("status", "=", "active")
      .groupBy("tenant_id")
      .having((eb) => eb.between(eb.fn.countAll<number>(), 2, bounds.mostInstalls));
    const pairs = transaction
      .selectFrom("installs as one")
      .innerJoin("installs as other", "other.tenant_id", "one.tenant_id")
      .whereRef("other.plugin", "<>", "one.plugin")
      .where("one.status", "=", "active")
      .where("other.status", "=", "active")
      .where("one.tenant_id", "in", counted)
      .groupBy(["one.plugin", "other.plugin"])
      .having((eb) => eb.fn.countAll<number>(), ">=", bounds.fewestTenants)
      .select((eb) => [
        "one.plugin as plugin_id",
        "other.plugin as other_id",
        sql<number>`count(*)::integer`.as("tenants"),
        eb.fn
          .agg<number>("row_number")
          .over((over) =>
            over.partitionBy("one.plugin").orderBy(sql`count(*)`, "desc").orderBy("other.plugin"),
          )
          .as("place"),
      ]);
    await transaction.deleteFrom("plugin_co_installs").execute();
    await transaction
      .insertInto("plugin_co_installs")
      .columns(["plugin_id", "other_id", "tenants"])
      .expression((eb) =>
        eb
          .selectFrom(pairs.as("pairs"))
          .select(["pairs.plugin_id", "pairs.other_id", "pairs.tenants"])
          .where("pairs.place", "<=", bounds.mostOthers),
      )
      .execute();
  });
}

export async function listCoInstalls(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("plugin_co_installs")
    .select(["other_id", "tenants"])
    .where("plugin_id", "=", plugin)
    .orderBy("tenants", "desc")
    .orderBy("other_id")
    .execute();
}
