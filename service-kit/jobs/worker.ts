import type { JobResult, PgBoss, Job as PgBossJob } from "pg-boss";
import { type Logger, redact } from "../observe/index.ts";
import { type Job, type QueueOptions, UnrecoverableJobError } from "./queue.ts";

/** A safety net only: NOTIFY wakes workers. pg-boss's default of 30 would let a burst stall. */
const notifyPollingIntervalSeconds = 2;
/** While NOTIFY is not to be had, as behind some connection poolers. */
const pollingIntervalSeconds = 1;

/** Starts the workers of a queue in this process. */
export async function startWorkers<Data extends object>(
  boss: PgBoss,
  name: string,
  o: QueueOptions<Data> & { handler: NonNullable<QueueOptions<Data>["handler"]> },
  logger: Logger,
): Promise<void> {
  const options = {
    batchSize: o.batchSize ?? 1,
    pollingIntervalSeconds,
    notifyPollingIntervalSeconds,
    perJobResults: true as const,
    ...(o.groupConcurrency ? { groupConcurrency: o.groupConcurrency } : {}),
  };
  for (let i = 0; i < (o.concurrency ?? 1); i++) {
    let worker = "";
    worker = await boss.work<Data, unknown, typeof options>(name, options, async (jobs) => {
      const results = await Promise.all(jobs.map((job) => attempt(job, name, o.handler, logger)));
      // Where there was one job there may be more: look again at once rather than at the next poll.
      boss.notifyWorker(worker);
      return results;
    });
  }
}

async function attempt<Data>(
  job: PgBossJob<Data>,
  queue: string,
  handler: (job: Job<Data>) => Promise<void>,
  logger: Logger,
): Promise<JobResult> {
  const { id, data, signal } = job;
  const number = job.retryCount + 1;
  const log = logger.child({ queue, job: id, attempt: number });
  try {
    await handler({ id, data, attempt: number, signal, log });
    return { id, status: "completed" };
  } catch (error) {
    log.warn({ err: error }, "job failed");
    // What is kept with the job must not hold secrets either, and it is kept for long.
    const status = error instanceof UnrecoverableJobError ? "deadletter" : "failed";
    return { id, status, output: redact(error) };
  }
}
