import type { Jobs, Queue } from "@plugboard/service-kit/jobs";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import * as queries from "./queries.ts";

interface PollJob {
  connectionId: string;
  trigger: string;
}

type Owner = Pick<queries.TriggerRow, "tenant_id" | "connection_id" | "trigger">;

/** Asks for the next poll at its time, and not at the one before; in a transaction, when that commits. */
export type SendPoll = (trigger: Owner, at: Date | undefined, tx?: Kysely<CoreDatabase>) => Promise<void>;

type PollWork = (place: queries.TriggerPlace, signal: AbortSignal, log: Logger) => Promise<void>;

/** At once, in this process. Most of a poll is waiting for the vendor. */
const workers = 4;
const batchSize = 8;
/** At once of one tenant, in all processes together. */
const perTenant = 4;
const overdueSeconds = 60;
const mostOverdue = 1_000;

/** To be made before the jobs are started. */
export function definePollJobs({ jobs }: { jobs: Jobs }) {
  let started: { db: Kysely<CoreDatabase>; poll: PollWork } | undefined;

  const polls: Queue<PollJob> = jobs.define<PollJob>("core.polls", {
    // One waits for each trigger, however often it is asked for.
    policy: "short",
    concurrency: workers,
    batchSize,
    groupConcurrency: perTenant,
    // What a poll came to stands in its row, with when it is polled next.
    retryLimit: 0,
    deadLetter: false,
    deleteAfterSeconds: 60,
    async handler({ data, signal, log }) {
      await started?.poll(data, signal, log);
    },
  });

  /** A poll whose host ended before it had asked for the next one. */
  const overdue = jobs.define("core.polls-overdue", {
    policy: "exclusive",
    retryLimit: 0,
    deadLetter: false,
    async handler() {
      if (!started) return;
      for (const row of await queries.listOverdue(started.db, overdueSeconds, mostOverdue))
        await sendPoll(row, undefined);
    },
  });

  const sendPoll: SendPoll = async ({ tenant_id, connection_id: connectionId, trigger }, at, tx) => {
    await jobs.reschedule(
      polls,
      { connectionId, trigger },
      {
        singletonKey: `${connectionId}/${trigger}`,
        group: tenant_id,
        ...(at && { startAfter: at }),
        ...(tx && { transaction: tx }),
      },
    );
  };

  return {
    sendPoll,
    async start(parts: { db: Kysely<CoreDatabase>; poll: PollWork }) {
      started = parts;
      await jobs.schedule(overdue, "* * * * *", {});
      // As it was called once: in databases from then it goes on, for a queue that nobody works on.
      await jobs.unschedule("core.trigger-polls-overdue");
    },
  };
}

export type PollJobs = ReturnType<typeof definePollJobs>;
