import type { Jobs } from "@plugboard/service-kit/jobs";

/** Something that goes with time. */
export interface UpkeepTask {
  /** For the log. */
  name: string;
  /** Does what there is to do in small steps that nobody waits for, until `signal` says so. @returns how many rows went */
  run(signal: AbortSignal): Promise<number>;
}

/** Every ten minutes, so that little comes together. */
const cron = "*/10 * * * *";

/** The queue of it; a job in it runs all tasks once. */
export const upkeepQueue = "core.upkeep";

/** Runs the tasks now and again, by one host at a time. To be made before the jobs are started. */
export function createUpkeep({ jobs, tasks }: { jobs: Jobs; tasks: UpkeepTask[] }): {
  start(): Promise<void>;
} {
  const queue = jobs.define(upkeepQueue, {
    // One waiting or running is enough: it does all that there is to do.
    policy: "exclusive",
    retryLimit: 0,
    deadLetter: false,
    async handler({ signal, log }) {
      for (const { name, run } of tasks) {
        try {
          const rows = await run(signal);
          if (rows > 0) log.info({ task: name, rows }, "what was kept for long enough has gone");
        } catch (err) {
          // The others have their turn all the same.
          log.error({ task: name, err }, "a task of the upkeep failed");
        }
      }
    },
  });
  return { start: () => jobs.schedule(queue, cron, {}) };
}
