import type { Insertable, Selectable } from "kysely";
import type { RegistryDatabase, RegistryTables, ScanReason } from "../tables.ts";
import { isVisibleTo, type Viewer } from "../visibility.ts";

export type ScanRow = Selectable<RegistryTables["scans"]>;

export async function insertScan(db: RegistryDatabase, scan: Insertable<RegistryTables["scans"]>) {
  await db.insertInto("scans").values(scan).execute();
}

export async function listScans(
  db: RegistryDatabase,
  publicationId: string,
  limit: number,
): Promise<ScanRow[]> {
  return db
    .selectFrom("scans")
    .selectAll()
    .where("publication_id", "=", publicationId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** The latest, of one reason or of any. */
export async function findSummary(db: RegistryDatabase, publicationId: string, reason?: ScanReason) {
  let rows = db.selectFrom("scans").select("summary").where("publication_id", "=", publicationId);
  if (reason) rows = rows.where("reason", "=", reason);
  return rows.orderBy("id", "desc").limit(1).executeTakeFirst();
}

/** The plugin first, so that one which may not be known takes the time of one that is not there. */
export async function findPublished(db: RegistryDatabase, viewer: Viewer, plugin: string, version: string) {
  return db
    .selectFrom("listings")
    .leftJoin("publications", (join) =>
      join
        .onRef("publications.plugin", "=", "listings.plugin")
        .on("publications.version", "=", version)
        .on("publications.status", "=", "published"),
    )
    .select("publications.id")
    .where("listings.plugin", "=", plugin)
    .where(isVisibleTo(viewer))
    .executeTakeFirst();
}
