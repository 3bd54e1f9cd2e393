import type { Logger, Metrics } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { RequestRecord } from "../../kernel/capabilities/index.ts";
import type { PageRequest } from "../../kernel/paging.ts";
import type { CoreDatabase } from "../../tables.ts";
import { type Gathered, gather, gatherNothing } from "./gathered.ts";
import type { Level } from "./log-line.ts";
import * as queries from "./queries.ts";
import { quantile } from "./times.ts";

/** What goes over each connection: counted and written down beside the requests, which never wait for it. */
export interface Activity {
  /** Notes a request that has ended. */
  record(record: RequestRecord): void;
  metrics(tenantId: string, connectionId: string, from: Date, to: Date): Promise<ConnectionMetrics>;
  logs(tenantId: string, connectionId: string, filter: LogFilter, page: PageRequest): Promise<StoredLine[]>;
  /** Writes what has come together until now. */
  flush(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** Deletes what is older than it is kept, and more than is kept of a connection. @returns how many rows */
  prune(signal: AbortSignal): Promise<number>;
}

export interface ConnectionMetrics {
  total: number;
  ok: number;
  failed: number;
  averageMs: number | null;
  p95Ms: number | null;
  /** From 0 to 1; null if nothing happened. */
  successRate: number | null;
  errorRate: number | null;
  lastActivityAt: string | null;
}

export interface LogFilter {
  /** This level and those above it. */
  level?: Level;
  /** Somewhere in the method, host, path, status or code. */
  q?: string;
  from?: Date;
  to?: Date;
}

export type StoredLine = Awaited<ReturnType<typeof queries.listLines>>[number];

const flushMs = 1_000;
const dayMs = 86_400_000;
export const keptLogDays = 30;
export const keptLinesPerConnection = 10_000;
export const keptMetricDays = 90;
const batchRows = 1_000;

export function createActivity(options: {
  db: Kysely<CoreDatabase>;
  logger: Logger;
  metrics: Metrics;
  now?: (() => number) | undefined;
}): Activity {
  const { db, logger, now = Date.now } = options;
  const dropped = options.metrics.counter({
    name: "plugboard_connection_log_dropped_total",
    help: "Lines of connections' logs that were left out, because there were too many at a time or the database was away.",
  });
  let gathered = gatherNothing();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(part: Gathered): Promise<void> {
    dropped.inc(part.dropped);
    try {
      await queries.addMinutes(db, [...part.minutes.values()]);
      await queries.insertLines(db, part.lines);
    } catch (err) {
      // What is counted is for people to look at: to keep it for a database that is away would fill the memory.
      dropped.inc(part.lines.length);
      logger.warn({ err, lines: part.lines.length }, "what went over connections could not be written down");
    }
  }

  /** One after the other, so that a slow database is not given more to do. */
  function flush(): Promise<void> {
    writing = writing.then(async () => {
      if (gathered.minutes.size === 0 && gathered.dropped === 0) return;
      const part = gathered;
      gathered = gatherNothing();
      await write(part);
    });
    return writing;
  }

  async function inBatches(remove: () => Promise<number>, signal: AbortSignal): Promise<number> {
    let removed = 0;
    for (let batch = batchRows; batch === batchRows && !signal.aborted; removed += batch)
      batch = await remove();
    return removed;
  }

  return {
    record: (record) => gather(gathered, record, now()),
    flush,
    async metrics(tenantId, connectionId, from, to) {
      const { total, failed, durationMs, lastAt, times } = await queries.sumMinutes(
        db,
        tenantId,
        connectionId,
        from,
        to,
      );
      return {
        total,
        ok: total - failed,
        failed,
        averageMs: total === 0 ? null : durationMs / total,
        p95Ms: quantile(times, 0.95),
        successRate: total === 0 ? null : (total - failed) / total,
        errorRate: total === 0 ? null : failed / total,
        lastActivityAt: lastAt?.toISOString() ?? null,
      };
    },
    logs: (tenantId, connectionId, filter, page) =>
      queries.listLines(db, tenantId, connectionId, filter, page),
    start() {
      timer = setInterval(() => void flush(), flushMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await flush();
    },
    async prune(signal) {
      const daysAgo = (days: number) => new Date(now() - days * dayMs);
      const old = await inBatches(() => queries.deleteOldLines(db, daysAgo(keptLogDays), batchRows), signal);
      const minutes = await inBatches(
        () => queries.deleteOldMinutes(db, daysAgo(keptMetricDays), batchRows),
        signal,
      );
      let beyond = 0;
      for (const id of await queries.listConnectionsBeyond(db, keptLinesPerConnection))
        beyond += await inBatches(
          () => queries.deleteLinesBeyond(db, id, keptLinesPerConnection, batchRows),
          signal,
        );
      return old + minutes + beyond;
    },
  };
}
