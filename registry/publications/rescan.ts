import { addNotice } from "../notices/index.ts";
import type { ScanSummary } from "../scanning/index.ts";
import { saveScan } from "../scans/index.ts";
import { type ProcessingContext, scanStored } from "./process-publication.ts";
import * as queries from "./queries.ts";
import { readStored } from "./read-stored.ts";
import { inSingleFlight } from "./single-flight.ts";

export interface Rescan {
  publicationId: string;
  requestedBy: string;
}

/**
 * Looks again at a published version, with the scanners of today. What is found changes nothing by itself: the version
 * stays, and the operator is told.
 *
 * @throws when a scanner could not look and another attempt is left
 */
export async function rescanPublished(
  context: ProcessingContext,
  { publicationId, requestedBy }: Rescan,
  { isLastAttempt }: { isLastAttempt: boolean },
): Promise<void> {
  const { db, now, logger } = context;
  await inSingleFlight(db, publicationId, async () => {
    const row = await queries.findPublication(db, publicationId);
    if (row?.status !== "published") return;
    const stored = await readStored(db, row);
    const { plugin, version } = row;
    if (!stored.content) {
      const message = `${plugin} ${version} breaks the rules for packages of today. Look at it, and block it if need be.`;
      const details = { publicationId, problems: stored.problems };
      await addNotice(db, { kind: "rescan-found", plugin, version, message, details, at: now() });
      return;
    }
    const scan = await scanStored(context, row, stored);
    const { verdict } = scan.summary;
    if (verdict === "error" && !isLastAttempt)
      throw new Error(`Not every scanner could look at ${plugin} ${version}.`);
    await db.transaction().execute(async (transaction) => {
      const at = now();
      const id = await saveScan(transaction, { publicationId, reason: "rescan", requestedBy, scan, at });
      if (verdict === "pass") return;
      const details = { publicationId, scanId: id, ...failed(scan.summary) };
      await addNotice(transaction, { ...noticeOf(verdict, plugin, version), plugin, version, details, at });
    });
    logger.info({ publication: publicationId, plugin, version, verdict }, "publication scanned again");
  });
}

function failed({ verdict, checks }: ScanSummary) {
  return { verdict, scanners: checks.filter(({ result }) => result !== "pass").map(({ name }) => name) };
}

function noticeOf(verdict: ScanSummary["verdict"], plugin: string, version: string) {
  if (verdict === "error") {
    const message = `Not every scanner could look at ${plugin} ${version} again. Look at the log, and ask for another scan.`;
    return { kind: "rescan-not-completed", message } as const;
  }
  const message = `A new scan of ${plugin} ${version}, which is published, found what would not be let through today. Look at the scan; yank or block the version if need be.`;
  return { kind: "rescan-found", message } as const;
}
