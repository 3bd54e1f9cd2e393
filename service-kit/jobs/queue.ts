import type { Logger } from "../observe/index.ts";

/** One attempt at a job. */
export interface Job<Data> {
  id: string;
  data: Data;
  /** 1 for the first attempt. */
  attempt: number;
  /** Aborted when the job's time is up, or the service stops and cannot wait any longer. */
  signal: AbortSignal;
  /** Adds queue, job and attempt to every line. */
  log: Logger;
}

export interface QueueOptions<Data> {
  /** Does the work; throws to have it tried again. Without one, this process only sends. */
  handler?(job: Job<Data>): Promise<void>;
  /** How many more attempts a failed job gets. Default 2. */
  retryLimit?: number;
  /** Before the second attempt. Default 1. */
  retryDelaySeconds?: number;
  /** Doubles the delay from attempt to attempt, with jitter. Default true. */
  retryBackoff?: boolean;
  retryDelayMaxSeconds?: number;
  /** Keep jobs that failed for good in the queue `<name>.dead`, from where `redrive` brings them back. Default true. */
  deadLetter?: boolean;
  /** How many of its jobs this process works on at once. Default 1. */
  concurrency?: number;
  /** How many jobs of one group (a tenant) are worked on at once, in all processes together. */
  groupConcurrency?: number;
  /** How many jobs a worker takes at a time, and works on at once. More means fewer queries. Default 1. */
  batchSize?: number;
  /** After this long an attempt counts as failed. Default 900. */
  expireInSeconds?: number;
  /** How long done jobs are kept. Default one hour. */
  deleteAfterSeconds?: number;
  /**
   * `key_strict_fifo`: jobs of the same `singletonKey` one after the other, in order.
   * `short`, `singleton`, `stately`, `exclusive`: see pg-boss. Default `standard`.
   */
  policy?: "standard" | "short" | "singleton" | "stately" | "exclusive" | "key_strict_fifo";
}

/** A queue as `define` returns it, to send to. The type parameter is what its jobs carry. */
export interface Queue<Data extends object> {
  name: string;
  /** Only a type: keeps queues of different data apart. */
  readonly data?: Data;
}

/** Thrown by a handler when trying again cannot help: the job goes to the dead letters at once. */
export class UnrecoverableJobError extends Error {
  override readonly name = "UnrecoverableJobError";
}

export function deadLetterName(queue: string): string {
  return `${queue}.dead`;
}
