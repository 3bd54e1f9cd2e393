import type pg from "pg";
import { fromKysely, PgBoss, type SendOptions as PgBossSendOptions } from "pg-boss";
import type { Database } from "../database/index.ts";
import type { Logger } from "../observe/index.ts";
import { deadLetterName, type Queue, type QueueOptions } from "./queue.ts";
import { startWorkers } from "./worker.ts";

export interface SendOptions {
  /** Not before this. */
  startAfter?: Date;
  /** Higher goes first. Default 0. */
  priority?: number;
  /** At most one waiting job with this key, or the order of jobs with it: see the queue's policy. */
  singletonKey?: string;
  /** Whom it is for, so that `groupConcurrency` keeps groups fair. */
  group?: string;
  /** Sends as part of the transaction open on this connection: the job exists if and only if that commits. */
  client?: pg.ClientBase;
  /** The same for a transaction of Kysely. */
  transaction?: KyselyTransaction;
}

/** As much of a Kysely transaction as the queue needs. */
type KyselyTransaction = Parameters<typeof fromKysely>[0];

export interface Jobs {
  /** Declares a queue, before `start`. */
  define<Data extends object>(name: string, o?: QueueOptions<Data>): Queue<Data>;
  /** Puts a job into a queue. @returns its id; null if the queue's policy says that there is one already. */
  send<Data extends object>(queue: Queue<Data>, data: Data, o?: SendOptions): Promise<string | null>;
  /**
   * Has one job of a key wait, for a queue of the policy `short`: one that waits already is moved to the new time, which is
   * now without `startAfter`. One that is worked on is another.
   */
  reschedule<Data extends object>(
    queue: Queue<Data>,
    data: Data,
    o: SendOptions & { singletonKey: string },
  ): Promise<void>;
  /** Puts many jobs into a queue with one statement. */
  sendMany<Data extends object>(
    queue: Queue<Data>,
    data: Data[],
    o?: Omit<SendOptions, "singletonKey">,
  ): Promise<void>;
  /** Sends a job again and again, by a cron expression in UTC; however many hosts there are, once each time. */
  schedule<Data extends object>(queue: Queue<Data>, cron: string, data: Data): Promise<void>;
  /** Ends what `schedule` began, also of a queue that nobody declares any more. Does nothing if there is no such schedule. */
  unschedule(queueName: string): Promise<void>;
  /** Brings dead letters back into their queue. @returns how many. */
  redrive<Data extends object>(queue: Queue<Data>): Promise<number>;
  start(): Promise<void>;
  /** Takes no more jobs, and waits up to `graceMs` for those being worked on; the rest fails and is tried again elsewhere. */
  stop(graceMs: number): Promise<void>;
}

const schema = "jobs";
const maxConnections = 4;
const defaultDeleteAfterSeconds = 3_600;

/** The job queue (pg-boss) of a service, in the schema `jobs` of its database. */
export function createJobs(o: { database: Database; logger: Logger }): Jobs {
  const queues = new Map<string, QueueOptions<object>>();
  const boss = new PgBoss({
    connectionString: o.database.url,
    schema,
    max: maxConnections,
    application_name: "plugboard-jobs",
    useListenNotify: true,
  });
  boss.on("error", (error) => o.logger.error({ err: error }, "the job queue had an error"));
  boss.on("warning", (warning) => o.logger.warn({ warning: warning.message }, "the job queue warns"));

  return {
    define<Data extends object>(name: string, options: QueueOptions<Data> = {}) {
      if (queues.has(name)) throw new TypeError(`The queue ${name} was defined already.`);
      queues.set(name, options as QueueOptions<object>);
      return { name };
    },

    send: (queue, data, options = {}) => boss.send(queue.name, data, toPgBoss(options)),

    async reschedule(queue, data, { startAfter, ...options }) {
      await boss.upsert(queue.name, data, { ...toPgBoss(options), startAfter: startAfter ?? 0 });
    },

    async sendMany(queue, data, options = {}) {
      const { db, ...each } = toPgBoss(options);
      await boss.insert(
        queue.name,
        data.map((item) => ({ ...each, data: item })),
        db ? { db } : {},
      );
    },

    schedule: (queue, cron, data) => boss.schedule(queue.name, cron, data, { tz: "UTC" }),

    unschedule: (queueName) => boss.unschedule(queueName),

    redrive: (queue) => boss.redrive(deadLetterName(queue.name)),

    async start() {
      await boss.start();
      for (const [name, options] of queues) await createQueue(boss, name, options);
      for (const [name, { handler, ...options }] of queues) {
        if (handler) await startWorkers(boss, name, { ...options, handler }, o.logger);
      }
    },

    async stop(graceMs) {
      const working = [...queues]
        .filter(([, { handler }]) => handler)
        .map(([name]) => boss.offWork(name, { wait: true }));
      await within(graceMs, Promise.all(working));
      await boss.stop({ graceful: false });
    },
  };
}

async function createQueue(boss: PgBoss, name: string, o: QueueOptions<object>): Promise<void> {
  const settings = {
    notify: true,
    retryLimit: o.retryLimit ?? 2,
    retryDelay: o.retryDelaySeconds ?? 1,
    retryBackoff: o.retryBackoff ?? true,
    deleteAfterSeconds: o.deleteAfterSeconds ?? defaultDeleteAfterSeconds,
    ...(o.retryDelayMaxSeconds ? { retryDelayMax: o.retryDelayMaxSeconds } : {}),
    ...(o.expireInSeconds ? { expireInSeconds: o.expireInSeconds } : {}),
  };
  const deadLetter = (o.deadLetter ?? true) ? deadLetterName(name) : undefined;
  if (deadLetter) await boss.createQueue(deadLetter, { retryLimit: 0 });
  await boss.createQueue(name, {
    ...settings,
    policy: o.policy ?? "standard",
    ...(deadLetter ? { deadLetter } : {}),
  });
  // A queue that was there already keeps the settings it was made with, unless told.
  await boss.updateQueue(name, { ...settings, deadLetter: deadLetter ?? null });
}

function toPgBoss(o: SendOptions): PgBossSendOptions {
  const { client, transaction } = o;
  return {
    ...(o.startAfter ? { startAfter: o.startAfter } : {}),
    ...(o.priority !== undefined ? { priority: o.priority } : {}),
    ...(o.singletonKey !== undefined ? { singletonKey: o.singletonKey } : {}),
    ...(o.group !== undefined ? { group: { id: o.group } } : {}),
    ...(client
      ? { db: { executeSql: (text: string, values?: unknown[]) => client.query(text, values) } }
      : {}),
    ...(transaction ? { db: fromKysely(transaction) } : {}),
  };
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
