export { createJobs, type Jobs, type SendOptions } from "./jobs.ts";
export { type Job, type Queue, type QueueOptions, UnrecoverableJobError } from "./queue.ts";
