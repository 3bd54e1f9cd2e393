import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Trust } from "../trust/index.ts";
import type { Checkpoints } from "./checkpoints.ts";

/** Sees that neither checkpoint nor root run out while nobody asks; of several processes, one does it each time. */
export function createRenewal(options: {
  jobs: Jobs;
  checkpoints: Checkpoints;
  trust: Pick<Trust, "renewRoot">;
  logger: Logger;
}) {
  const { jobs, checkpoints, trust, logger } = options;
  const queue = jobs.define<Record<string, never>>("registry.renew-checkpoint", {
    deadLetter: false,
    async handler() {
      if (await trust.renewRoot()) logger.info("the root was renewed");
      await checkpoints.current();
    },
  });
  return {
    /** After the jobs have started. */
    async start() {
      await jobs.schedule(queue, "17 * * * *", {});
    },
  };
}
