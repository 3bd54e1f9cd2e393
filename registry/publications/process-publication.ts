import type { Isolation } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { type Finding, runScanners, type Scan, type Scanner, toScan } from "../scanning/index.ts";
import { saveScan } from "../scans/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import * as queries from "./queries.ts";
import { readStored, type StoredPackage } from "./read-stored.ts";
import { release } from "./release.ts";
import { inSingleFlight } from "./single-flight.ts";

export interface ProcessingContext {
  db: RegistryDatabase;
  trust: Trust;
  scanners: readonly Scanner[];
  /** Of the sandbox in which they load a package's code. */
  scanIsolation: Isolation;
  logger: Logger;
  now: () => Date;
}

const notCompleted: Finding = {
  code: "checks-not-completed",
  pointer: "",
  message: "The registry could not complete its checks. Its operator was told; you need do nothing.",
};

/**
 * Takes a publication from wherever it is to its end. Safe to be asked for again and by many: one works on it, and it
 * ends once.
 *
 * @param o.isLastAttempt what cannot be decided now is quarantined, for the operator to decide
 * @param o.isRescan takes what is in quarantine, which stays there with what was found in it until it is decided anew
 * @throws when a check could not be made and another attempt is left; the publication then stays as it is
 */
export async function processPublication(
  context: ProcessingContext,
  id: string,
  { isLastAttempt, isRescan = false }: { isLastAttempt: boolean; isRescan?: boolean },
): Promise<void> {
  await inSingleFlight(context.db, id, async () => {
    const row = await (isRescan ? queries.findQuarantined : queries.findOpen)(context.db, id);
    if (!row) return;
    try {
      await decide(context, row, isLastAttempt);
    } catch (error) {
      if (!isLastAttempt) throw error;
      context.logger.error({ err: error, publication: id }, "a publication could not be checked");
      // What was found before says more than that nothing could be found now.
      if (isRescan) return;
      await finish(context, row, { status: "quarantined", problems: [notCompleted] });
    }
  });
}

async function decide(context: ProcessingContext, row: queries.PublicationRow, isLastAttempt: boolean) {
  const stored = await readStored(context.db, row);
  if (!stored.content) return finish(context, row, { status: "rejected", problems: stored.problems });

  await queries.markScanning(context.db, row.id);
  const scan = await scanStored(context, row, stored);
  const { problems } = scan;
  switch (scan.summary.verdict) {
    case "fail":
      return finish(context, row, { status: "rejected", problems, scan });
    case "suspicious":
      return finish(context, row, { status: "quarantined", problems, scan });
    case "error":
      if (!isLastAttempt || row.status === "quarantined")
        throw new Error(`Not every scanner could look at ${row.plugin} ${row.version}.`);
      return finish(context, row, { status: "quarantined", problems: [notCompleted, ...problems], scan });
    case "pass":
      return finish(context, row, { status: "published", content: stored.content, scan });
  }
}

/** Has every scanner look at what is stored of a publication. */
export async function scanStored(
  context: Pick<ProcessingContext, "db" | "scanners" | "scanIsolation" | "logger" | "now">,
  row: queries.PublicationRow,
  stored: Required<Extract<StoredPackage, { content: unknown }>>,
): Promise<Scan> {
  const { db, scanners, scanIsolation: isolation, logger, now } = context;
  const publisher = { name: row.publisher, verified: await queries.isVerified(db, row.publisher) };
  return toScan({
    plugin: row.plugin,
    version: row.version,
    tarballSha512: row.tarball_sha512,
    scannedAt: now().toISOString(),
    scanners: await runScanners(scanners, { publisher, ...stored }, { isolation, logger }),
  });
}

type End =
  | { status: "rejected" | "quarantined"; problems: Finding[]; scan?: Scan; content?: never }
  | { status: "published"; content: Required<StoredPackage>["content"] & object; scan: Scan };

async function finish(context: ProcessingContext, row: queries.PublicationRow, end: End): Promise<void> {
  const { db, trust, logger, now } = context;
  const { id: publication, plugin, version } = row;
  const ended = await db.transaction().execute(async (transaction) => {
    // Withdrawn meanwhile.
    const lock = row.status === "quarantined" ? queries.lockQuarantined : queries.lockOpen;
    if (!(await lock(transaction, publication))) return undefined;
    const { scan } = end;
    let { status } = end;
    let problems = end.status === "published" ? [] : end.problems;
    if (end.status === "published") {
      const {
        content,
        scan: { summary },
      } = end;
      problems = await release(transaction, { row, content, scan: summary, trust, now });
      if (problems.length > 0) status = "rejected";
    }
    if (scan)
      await saveScan(transaction, { publicationId: publication, reason: "publication", scan, at: now() });
    const texts = { problems: JSON.stringify(problems), notes: JSON.stringify(scan?.notes ?? []) };
    await queries.finishPublication(transaction, publication, { status, ...texts, finished_at: now() });
    return { status, problems: problems.length };
  });
  if (ended) logger.info({ publication, plugin, version, ...ended }, `publication ${ended.status}`);
}
