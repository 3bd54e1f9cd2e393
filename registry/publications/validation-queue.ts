import type { Jobs } from "@plugboard/service-kit/jobs";
import * as queries from "./queries.ts";
import { giveUp, type ValidationContext, validatePublication } from "./validate.ts";

export interface ValidationQueue {
  /** Has a stored publication validated soon, by this process or another. */
  wake(publicationId: string): Promise<void>;
  /**
   * Goes on with what a stopped process left behind, without waiting for the queue to notice: the job of a killed
   * process counts as under way until its time is up, and one that was never sent would not come at all.
   */
  resume(): Promise<void>;
  /** Waits for what `resume` began. */
  settle(): Promise<void>;
}

const retryLimit = 5;
/** Reading and loading the largest package takes seconds. */
const expireInSeconds = 120;

/** Validates publications one after the other, two at once in each process, however many processes there are. */
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

  async function wake(publicationId: string): Promise<void> {
    await jobs.send(queue, { publicationId });
  }

  async function resumeAll(publicationIds: string[]): Promise<void> {
    for (const publication of publicationIds) {
      try {
        await validatePublication(context, publication);
      } catch (error) {
        logger.warn(
          { err: error, publication },
          "a publication could not be resumed; it goes back to the queue",
        );
        await wake(publication);
      }
    }
  }

  let resuming: Promise<void> = Promise.resolve();
  return {
    wake,
    async resume() {
      const left = await queries.listValidating(db);
      resuming = resumeAll(left.map(({ id }) => id)).catch((error) => {
        logger.error({ err: error }, "publications that were under way could not be resumed");
      });
    },
    settle: () => resuming,
  };
}
