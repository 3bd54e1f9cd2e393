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

export async function findPublished(db: RegistryDatabase, viewer: Viewer, plugin: string, version: string) {
  return db
    .selectFrom("publications")
    .innerJoin("listings", "listings.plugin", "publications.plugin")
    .select("publications.id")
    .where("publications.plugin", "=", plugin)
    .where("publications.version", "=", version)
    .where("publications.status", "=", "published")
    .where(isVisibleTo(viewer))
    .executeTakeFirst();
}
