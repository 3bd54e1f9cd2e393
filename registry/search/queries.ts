import { prepared } from "@plugboard/service-kit/database";
import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";
import { isVisibleTo, preparedFor } from "../visibility.ts";

/** What a page of answers shows, in no order. Those that the viewer may not see (any more) are left out. */
export const listListings = preparedFor((db, { plugins }: { plugins: string[] }, viewer) =>
  db
    .selectFrom("listings")
    .innerJoin("publishers", "publishers.name", "listings.publisher")
    .innerJoin("plugin_statistics", "plugin_statistics.plugin_id", "listings.plugin")
    .innerJoin("versions", (join) =>
      join
        .onRef("versions.plugin", "=", "listings.plugin")
        .onRef("versions.version", "=", "listings.latest_version"),
    )
    .select([
      "listings.plugin",
      "listings.publisher",
      "listings.latest_version",
      "listings.display_name",
      "listings.description",
      "listings.categories",
      "listings.keywords",
      "listings.pricing",
      "listings.updated_at",
      "publishers.verified",
      "plugin_statistics.installs_active",
      "plugin_statistics.rating_sum",
      "plugin_statistics.rating_count",
      "versions.deprecation",
    ])
    .where("listings.plugin", "=", (eb) => eb.fn.any(eb.val(plugins)))
    .where(isVisibleTo(viewer)),
);

export type ListingRow = Awaited<ReturnType<typeof listListings>>[number];

function forIndex(db: RegistryDatabase) {
  return (
    db
      .selectFrom("listings")
      .innerJoin("publishers", "publishers.name", "listings.publisher")
      .innerJoin("versions", (join) =>
        join
          .onRef("versions.plugin", "=", "listings.plugin")
          .onRef("versions.version", "=", "listings.latest_version"),
      )
      .leftJoin("plugin_statistics", "plugin_statistics.plugin_id", "listings.plugin")
      // One of these is the latest only where there is none that may be offered.
      .where("versions.block", "is", null)
      .where("versions.yanked_at", "is", null)
      .select([
        "listings.plugin",
        "listings.display_name",
        "listings.description",
        "listings.categories",
        "listings.keywords",
        "listings.pricing",
        "listings.permission_kinds",
        "listings.network_hosts",
        "listings.host_range",
        "listings.tenant_id",
        "listings.updated_at",
        "publishers.verified",
        "plugin_statistics.installs_active",
        "plugin_statistics.rating_score",
        "plugin_statistics.rating_count",
        sql<boolean>`versions.deprecation is not null`.as("deprecated"),
        // Where this is as it was, so are the texts.
        sql<string>`listings.changed_in`.as("listing_changed_in"),
      ])
  );
}

export type IndexRow = Awaited<ReturnType<ReturnType<typeof forIndex>["execute"]>>[number];

/**
 * All listings as of one moment, in no order, so many at a time. Through a cursor: the tables are joined once, where pages
 * by id would look each row up in each of them.
 *
 * @param take gets the next ones; the transaction waits for it, so it must not take long
 */
export async function readForIndex(
  db: RegistryDatabase,
  rowsAtOnce: number,
  take: (rows: IndexRow[]) => void,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // All rows are fetched; by default a cursor is planned for the first tenth of them.
    await sql`set local cursor_tuple_fraction = 1`.execute(transaction);
    await sql`declare listings_for_index no scroll cursor for ${forIndex(transaction)}`.execute(transaction);
    const fetch = () =>
      sql<IndexRow>`fetch forward ${sql.lit(rowsAtOnce)} from listings_for_index`.execute(transaction);
    for (let fetching = fetch(), isMore = true; isMore; ) {
      const { rows } = await fetching;
      isMore = rows.length === rowsAtOnce;
      // The database reads on while these are taken.
      if (isMore) {
        fetching = fetch();
        // Should these not be taken, nobody waits for it.
        fetching.catch(() => {});
      }
      take(rows);
    }
  });
}

/** These listings; one that is not there any more, or not offered, is not among them. */
export async function listChangedForIndex(db: RegistryDatabase, plugins: string[]) {
  return forIndex(db)
    .where("listings.plugin", "=", (eb) => eb.fn.any(eb.val(plugins)))
    .execute();
}

/** Every transaction before this one has ended. As text: it has 64 bits. */
export async function findHorizon(db: RegistryDatabase): Promise<string> {
  const { rows } = await sql<{ horizon: string }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(db);
  return rows[0]?.horizon ?? "0";
}

const changesSince = prepared((db: RegistryDatabase, { since }: { since: string }) => {
  const from = sql`${since}::xid8`;
  const end = sql`pg_snapshot_xmax(pg_current_snapshot())`;
  const changed = db
    .selectFrom("listings")
    .select("plugin")
    .where("changed_in", ">=", from as never)
    .where("changed_in", "<", end as never)
    .union(
      db
        .selectFrom("plugin_statistics")
        .select("plugin_id as plugin")
        .where("changed_in", ">=", from as never)
        .where("changed_in", "<", end as never),
    )
    .union(
      db
        .selectFrom("publishers")
        .innerJoin("listings", "listings.publisher", "publishers.name")
        .select("listings.plugin")
        .where("publishers.changed_in", ">=", from as never)
        .where("publishers.changed_in", "<", end as never),
    )
    .union(
      db
        .selectFrom("removed_listings")
        .select("plugin")
        .where("changed_in", ">=", from as never)
        .where("changed_in", "<", end as never),
    );
  return db.selectNoFrom([
    sql<boolean>`${from} > ${end}`.as("isAhead"),
    sql<string>`pg_snapshot_xmin(pg_current_snapshot())::text`.as("horizon"),
    sql<string[]>`array(${changed})`.as("plugins"),
  ]);
});

/**
 * Which plugins were changed by transactions from `since` on, and from where to look the next time. A transaction that
 * is still open holds the horizon back: what it changes is seen once it commits, and until then some plugins are named again.
 *
 * A database that was restored counts its transactions anew, below what its rows say: those marks are of no transaction that
 * was, and are left out. Where `since` itself is one (`isAhead`), what changed cannot be told.
 */
export async function listChanges(db: RegistryDatabase, since: string) {
  const [changes] = await changesSince(db, { since });
  if (!changes) throw new Error("The database did not say what changed.");
  return changes;
}
