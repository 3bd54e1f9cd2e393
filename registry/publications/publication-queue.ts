import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Transaction } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";
import { type ProcessingContext, processPublication } from "./process-publication.ts";
import * as queries from "./queries.ts";
import { type Rescan, rescanPublished } from "./rescan.ts";
import { removeRejectedTarballs } from "./retention.ts";

export interface PublicationQueue {
  /** Has the publication processed as soon as the transaction is committed, by this process or another. */
  enqueue(transaction: Transaction<RegistryTables>, publicationId: string): Promise<void>;
  enqueueRescan(rescan: Rescan): Promise<void>;
  /** After the jobs have started: goes on with what a killed process left behind, without waiting for its time to be up. */
  start(): Promise<void>;
  /** Waits for what `start` went on with. */
  settle(): Promise<void>;
}

const retryLimit = 5;
/** Reading the largest package, and all scanners up to their deadlines. */
const expireInSeconds = 180;

/** Works on publications, two at once in each process, however many processes there are. */
export function createPublicationQueue(context: ProcessingContext & { jobs: Jobs }): PublicationQueue {
  const { db, jobs, logger, now } = context;
  // A scanner that could not look is asked again, later and later; what goes on failing is for the operator, not put aside.
  const settings = { retryLimit, expireInSeconds, deadLetter: false };

  const publications = jobs.define<{ publicationId: string }>("registry.validate-publication", {
    ...settings,
    concurrency: 2,
    async handler({ data, attempt }) {
      await processPublication(context, data.publicationId, { isLastAttempt: attempt > retryLimit });
    },
  });
  const rescans = jobs.define<Rescan>("registry.rescan-publication", {
    ...settings,
    async handler({ data, attempt }) {
      await rescanPublished(context, data, { isLastAttempt: attempt > retryLimit });
    },
  });
  const retention = jobs.define<Record<string, never>>("registry.remove-rejected-tarballs", {
    deadLetter: false,
    async handler() {
      const removed = await removeRejectedTarballs(db, now());
      if (removed > 0)
        logger.info({ publications: removed }, "tarballs of rejected publications were removed");
    },
  });

  let resuming: Promise<void> = Promise.resolve();
  return {
    async enqueue(transaction, publicationId) {
      await jobs.send(publications, { publicationId }, { transaction });
    },
    async enqueueRescan(rescan) {
      await jobs.send(rescans, rescan);
    },
    async start() {
      await jobs.schedule(retention, "53 * * * *", {});
      resuming = resumeAll(context, await openIds(db));
    },
    settle: () => resuming,
  };
}

async function openIds(db: RegistryDatabase): Promise<string[]> {
  return (await queries.listOpen(db)).map(({ id }) => id);
}

async function resumeAll(context: ProcessingContext, ids: string[]): Promise<void> {
  for (const id of ids) {
    try {
      await processPublication(context, id, { isLastAttempt: false });
    } catch (error) {
      context.logger.warn(
        { err: error, publication: id },
        "a publication could not be resumed; its job is tried again",
      );
    }
  }
}
