import type { Job, Jobs, QueueOptions } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";

/** Queues that do nothing by themselves: the test makes each attempt. */
export function manualJobs() {
  const handlers = new Map<string, NonNullable<QueueOptions<object>["handler"]>>();
  const jobs: Jobs = {
    define<Data extends object>(name: string, options: QueueOptions<Data> = {}) {
      const { handler } = options;
      if (handler) handlers.set(name, (job) => handler(job as Job<Data>));
      return { name };
    },
    send: async () => null,
    reschedule: async () => {},
    sendMany: async () => {},
    schedule: async () => {},
    unschedule: async () => {},
    redrive: async () => 0,
    start: async () => {},
    stop: async () => {},
  };
  async function attempt(queue: string, number: number, data: object): Promise<void> {
    const handler = handlers.get(`registry.${queue}`);
    if (!handler) throw new TypeError(`There is no queue ${queue}.`);
    const log = createLogger({ name: "jobs", level: "fatal" });
    await handler({ id: "job", data, attempt: number, signal: new AbortController().signal, log });
  }
  return { jobs, attempt };
}
