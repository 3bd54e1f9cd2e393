import { registryError } from "../errors.ts";
import { latestScan } from "../scans/index.ts";
import type { ProcessingContext } from "./process-publication.ts";
import * as queries from "./queries.ts";
import { readStored } from "./read-stored.ts";
import { release } from "./release.ts";

/** What the operator says of a publication in quarantine. */
export interface Decision {
  decision: "publish" | "reject";
  reason: string;
}

/**
 * Ends a quarantine by the operator's word, which stays with the publication, and for a release with what the registry
 * signs.
 *
 * @throws `publication-not-found`, `publication-not-quarantined`
 */
export async function decideQuarantined(
  context: Pick<ProcessingContext, "db" | "trust" | "now">,
  id: string,
  said: Decision,
): Promise<void> {
  const { db, trust, now } = context;
  const row = await queries.findPublication(db, id);
  if (!row) throw registryError("publication-not-found", `There is no publication "${id}".`);
  const stored = said.decision === "publish" ? await readStored(db, row) : undefined;
  await db.transaction().execute(async (transaction) => {
    if (!(await queries.lockQuarantined(transaction, id))) throw notQuarantined(row);
    const at = now();
    let problems = row.problems;
    let status: "published" | "rejected" = "rejected";
    if (stored) {
      const scan = await latestScan(transaction, id);
      if (!stored.content || !scan) {
        const detail =
          "Its package cannot be read, or was never scanned. Have it scanned again, or reject it.";
        throw registryError("publication-not-quarantined", detail);
      }
      problems = await release(transaction, {
        row,
        content: stored.content,
        scan: scan.summary,
        decidedBy: "operator",
        trust,
        now,
      });
      status = problems.length === 0 ? "published" : "rejected";
    }
    await queries.finishPublication(transaction, id, {
      status,
      problems: JSON.stringify(problems),
      decision: JSON.stringify({ ...said, by: "operator", at: at.toISOString() }),
      finished_at: at,
    });
  });
}

function notQuarantined({ id, status }: queries.PublicationRow) {
  return registryError(
    "publication-not-quarantined",
    `The publication ${id} is ${status}; only what is quarantined waits for a decision.`,
  );
}
