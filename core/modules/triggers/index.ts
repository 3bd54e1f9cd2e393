import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import { createPoll, type PollKernel } from "./poll.ts";
import type { PollJobs } from "./poll-jobs.ts";
import * as queries from "./queries.ts";
import { createTriggerRoutes } from "./routes.ts";
import { createStreams, type SupervisorKernel, startSupervisor } from "./streams/index.ts";
import { createTriggers } from "./triggers.ts";

export { definePollJobs } from "./poll-jobs.ts";

/** How long what a trigger has seen is remembered after it was seen last. */
const seenDays = 90;
const batchRows = 1_000;

/** Triggers of connections: what tenants want of them, the polls, and the streams. */
export function openTriggers(
  options: Omit<PollKernel, "sendPoll"> & SupervisorKernel & { pollJobs: PollJobs },
) {
  const { pollJobs, ...kernel } = options;
  const { db } = kernel;
  const { sendPoll } = pollJobs;
  const streams = createStreams(kernel);
  return {
    routes: createTriggerRoutes({ triggers: createTriggers({ ...kernel, sendPoll, streams }) }),
    /** What is returned stops listening on streams; polls are stopped with the jobs. */
    async start(): Promise<{ stop(): Promise<void> }> {
      await pollJobs.start({ db, poll: createPoll({ ...kernel, sendPoll }) });
      return startSupervisor(kernel);
    },
  };
}

/** @returns how many rows went */
export async function forgetOldItems(db: Kysely<CoreDatabase>, signal: AbortSignal): Promise<number> {
  let forgotten = 0;
  for (let batch = batchRows; batch === batchRows && !signal.aborted; forgotten += batch)
    batch = await queries.deleteOldItems(db, seenDays, batchRows);
  return forgotten;
}
