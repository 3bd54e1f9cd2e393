import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Rotation } from "./rotation.ts";

/** Whether every tenant gets a new key first: those whose newest is older than this (RFC 3339). */
interface RotationJob {
  rotateBefore?: string;
}

export interface RotationJobs {
  /** Goes on with what there is to do; with `before`, after every tenant has got a new key. */
  send(before?: Date): Promise<void>;
  /** Does in this process what there is to do. @returns how many rows */
  goOn(signal: AbortSignal): Promise<number>;
  /** To be called once, when what does the work is there. */
  connect(rotation: Rotation): void;
}

/** Rotates keys in the background, on any host. To be made before the jobs are started. */
export function defineRotationJobs({ jobs }: { jobs: Jobs }): RotationJobs {
  const connected = Promise.withResolvers<Rotation>();
  const queue = jobs.define<RotationJob>("core.vault", {
    retryLimit: 10,
    retryDelaySeconds: 5,
    retryDelayMaxSeconds: 300,
    async handler({ data: { rotateBefore }, signal, log }) {
      const rotation = await connected.promise;
      const rotated = rotateBefore ? await rotation.rotateAll(new Date(rotateBefore), signal) : 0;
      const rows = await rotation.goOn(signal);
      log.info({ rotated, rows }, "keys were rotated");
    },
  });
  return {
    async send(before) {
      await jobs.send(queue, before ? { rotateBefore: before.toISOString() } : {});
    },
    goOn: async (signal) => (await connected.promise).goOn(signal),
    connect: connected.resolve,
  };
}
