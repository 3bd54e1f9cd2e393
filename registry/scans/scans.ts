import { newId } from "@plugboard/service-kit/crypto";
import { registryError } from "../errors.ts";
import type { Scan, ScanReport, ScanSummary } from "../scanning/index.ts";
import type { RegistryDatabase, ScanReason } from "../tables.ts";
import type { Viewer } from "../visibility.ts";
import * as queries from "./queries.ts";

/** A scan as it was kept: whole, for the publisher and the operator. */
export interface SavedScan {
  id: string;
  reason: ScanReason;
  /** Who asked for it, where somebody did. */
  requestedBy: string | null;
  summary: ScanSummary;
  report: ScanReport;
}

/** Keeps a scan, to the byte that its digest is of. Scans are only added. */
export async function saveScan(
  db: RegistryDatabase,
  o: { publicationId: string; reason: ScanReason; requestedBy?: string; scan: Scan; at: Date },
): Promise<string> {
  const { scan } = o;
  const id = newId("scn");
  await queries.insertScan(db, {
    id,
    publication_id: o.publicationId,
    reason: o.reason,
    requested_by: o.requestedBy ?? null,
    verdict: scan.summary.verdict,
    digest: scan.summary.digest,
    summary: JSON.stringify(scan.summary),
    report: scan.text,
    created_at: o.at,
  });
  return id;
}

export async function latestScan(
  db: RegistryDatabase,
  publicationId: string,
): Promise<SavedScan | undefined> {
  const [row] = await queries.listScans(db, publicationId, 1);
  return row && toSaved(row);
}

/** Newest first; the last hundred. */
export async function listScans(db: RegistryDatabase, publicationId: string): Promise<SavedScan[]> {
  return (await queries.listScans(db, publicationId, 100)).map(toSaved);
}

/**
 * What anybody may know of a published version's scans: the one that it was published on, and the latest.
 *
 * @throws `version-not-found`
 */
export async function publicScan(
  db: RegistryDatabase,
  viewer: Viewer,
  plugin: string,
  version: string,
): Promise<{ published: ScanSummary | null; latest: ScanSummary | null }> {
  const id = (await queries.findPublished(db, viewer, plugin, version))?.id;
  if (id == null) throw registryError("version-not-found", `${plugin} has no published version ${version}.`);
  const [first, last] = await Promise.all([
    queries.findSummary(db, id, "publication"),
    queries.findSummary(db, id),
  ]);
  return { published: first?.summary ?? null, latest: last?.summary ?? null };
}

function toSaved(row: queries.ScanRow): SavedScan {
  const report = JSON.parse(row.report) as ScanReport;
  return { id: row.id, reason: row.reason, requestedBy: row.requested_by, summary: row.summary, report };
}
