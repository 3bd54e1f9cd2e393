import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Transaction } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";
import { type ProcessingContext, processPublication } from "./process-publication.ts";
import * as queries from "./queries.ts";
import { type Rescan, rescanPublished } from "./rescan.ts";
import { removeRejectedTarballs } from "./retention.ts";

interface Queued {
  id: string;
  publisher: string;
}

export interface PublicationQueue {
  /** Has the publication processed as soon as the transaction is committed, by this process or another. */
  enqueue(transaction: Transaction<RegistryTables>, publication: Queued): Promise<void>;
  /** Once for each publication, however often it is asked for meanwhile. */
  enqueueRescan(rescan: Rescan, publisher: string): Promise<void>;
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
  // One of a publisher at a time: who sends in hundreds keeps nobody else waiting.
  const settings = { retryLimit, expireInSeconds, deadLetter: false, groupConcurrency: 1 };

  const publications = jobs.define<{ publicationId: string }>("registry.validate-publication", {
    ...settings,
    concurrency: 2,
    async handler({ data, attempt }) {
      await processPublication(context, data.publicationId, { isLastAttempt: attempt > retryLimit });
    },
  });
  const rescans = jobs.define<Rescan>("registry.rescan-publication", {
    ...settings,
    policy: "exclusive",
    async handler({ data, attempt }) {
      const isLastAttempt = attempt > retryLimit;
      const row = await queries.findPublication(db, data.publicationId);
      if (row?.status === "quarantined")
        await processPublication(context, row.id, { isLastAttempt, isRescan: true });
      else await rescanPublished(context, data, { isLastAttempt });
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
    async enqueue(transaction, { id: publicationId, publisher: group }) {
      await jobs.send(publications, { publicationId }, { transaction, group });
    },
    async enqueueRescan(rescan, group) {
      await jobs.send(rescans, rescan, { singletonKey: rescan.publicationId, group });
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
