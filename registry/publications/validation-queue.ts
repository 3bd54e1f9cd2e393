import type { Jobs } from "@plugboard/service-kit/jobs";
import { CompiledQuery, type Transaction } from "kysely";
import type { RegistryTables } from "../tables.ts";
import * as queries from "./queries.ts";
import { giveUp, type ValidationContext, validatePublication } from "./validate.ts";

export interface ValidationQueue {
  /** Has the publication validated as soon as the transaction is committed, by this process or another. */
  enqueue(transaction: Transaction<RegistryTables>, publicationId: string): Promise<void>;
  /**
   * Goes on with what a killed process left behind, without waiting for the queue to notice: there its jobs count as
   * under way until their time is up.
   */
  resume(): Promise<void>;
  /** Waits for what `resume` began. */
  settle(): Promise<void>;
}

const retryLimit = 5;
/** Reading and loading the largest package takes seconds. */
const expireInSeconds = 120;

/** Validates publications, two at once in each process, however many processes there are. */
export function createValidationQueue(context: ValidationContext & { jobs: Jobs }): ValidationQueue {
  const { db, jobs, logger } = context;

  const queue = jobs.define<{ publicationId: string }>("registry.validate-publication", {
    retryLimit,
    expireInSeconds,
    concurrency: 2,
    // What cannot be validated is rejected, not put aside.
    deadLetter: false,
    async handler({ data, attempt }) {
      if (attempt > retryLimit) await giveUp(context, data.publicationId);
      else await validatePublication(context, data.publicationId);
    },
  });

  async function resumeAll(publicationIds: string[]): Promise<void> {
    for (const publication of publicationIds) {
      try {
        await validatePublication(context, publication);
      } catch (error) {
        logger.warn(
          { err: error, publication },
          "a publication could not be resumed; its job is tried again",
        );
      }
    }
  }

  let resuming: Promise<void> = Promise.resolve();
  return {
    async enqueue(transaction, publicationId) {
      await jobs.send(queue, { publicationId }, { client: clientOf(transaction) });
    },
    async resume() {
      const left = await queries.listValidating(db);
      resuming = resumeAll(left.map(({ id }) => id));
    },
    settle: () => resuming,
  };
}

type Client = NonNullable<NonNullable<Parameters<Jobs["send"]>[2]>["client"]>;

/** Kysely keeps its connection to itself; the queue needs no more of one than that it runs a statement. */
function clientOf(transaction: Transaction<RegistryTables>): Client {
  const client = {
    query: (text: string, values: unknown[] = []) =>
      transaction.executeQuery(CompiledQuery.raw(text, values)),
  };
  return client as unknown as Client;
}
