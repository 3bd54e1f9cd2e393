import type { Database } from "@plugboard/service-kit/database";
import type { Logger } from "@plugboard/service-kit/observe";
import { type Kysely, sql, type Transaction } from "kysely";
import pg from "pg";

/** What can change under a cache. */
export type ChangeTopic =
  | "api-key"
  | "install"
  | "connection"
  | "connection-gone"
  | "connection-health"
  | "stream"
  | "data-key"
  | "quarantine"
  | "entitlement"
  | "spend-cap";

/** `key`: without a space. `tenantId`: whose it is, for what is held by tenant. Whoever needs it and is not told takes it for everybody's. */
export type Announce = (topic: ChangeTopic, key: string, tenantId?: string) => Promise<void>;

type Listener = (key: string, tenantId: string | undefined) => void;

/**
 * Tells every host process over one PostgreSQL that a row changed, so that what they hold in memory is dropped at
 * once: a revoked key must not work on the neighbour's machine. PostgreSQL delivers a notification when the
 * transaction that made it commits, and never if it does not.
 */
export interface Changes {
  /**
   * Runs `work` in a transaction. What it announces reaches this process before the promise resolves, and every
   * other one a moment after the commit.
   */
  transaction<T, R>(db: Kysely<T>, work: (tx: Transaction<T>, announce: Announce) => Promise<R>): Promise<R>;
  /** Calls `listener` with the key (and the tenant, if it is told) of each change of `topic`, here or on another host. */
  onChange(topic: ChangeTopic, listener: Listener): void;
  /** False while the line to PostgreSQL is down: changes may be missed, so nothing may be cached. */
  readonly connected: boolean;
  /** Calls `listener` when the line was lost; what is held in memory may be stale from then on. */
  onLost(listener: () => void): void;
  stop(): Promise<void>;
}

/** The name of a host's line to PostgreSQL; each host has one. */
export const listenerName = "plugboard-changes";

const channel = "plugboard_core_changes";
const reconnectDelayMs = 500;

export async function startChanges(options: { database: Database; logger: Logger }): Promise<Changes> {
  const { database, logger } = options;
  const listeners = new Map<ChangeTopic, Listener[]>();
  const lostListeners: (() => void)[] = [];
  let client: pg.Client | undefined;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  async function listen(): Promise<void> {
    const next = new pg.Client({
      connectionString: database.url,
      application_name: listenerName,
      keepAlive: true,
    });
    next.on("notification", (notification) => dispatch(notification.payload ?? ""));
    next.on("error", (error) => lost(next, error));
    next.on("end", () => lost(next));
    await next.connect();
    await next.query(`listen ${channel}`);
    client = next;
  }

  function dispatch(payload: string): void {
    const [topic = "", key = "", tenantId] = payload.split(" ");
    for (const listener of listeners.get(topic as ChangeTopic) ?? []) listener(key, tenantId);
  }

  function lost(which: pg.Client, error?: Error): void {
    if (stopped || which !== client) return;
    client = undefined;
    logger.warn({ err: error }, "lost the change feed of the database; nothing is cached until it is back");
    for (const listener of lostListeners) listener();
    which.end().catch(() => {});
    reconnect();
  }

  function reconnect(): void {
    retry = setTimeout(() => {
      listen().catch((error) => {
        logger.warn({ err: error }, "cannot reach the change feed of the database yet");
        if (!stopped) reconnect();
      });
    }, reconnectDelayMs);
  }

  await listen();

  return {
    async transaction(db, work) {
      const announced: string[] = [];
      const result = await db.transaction().execute((tx) =>
        work(tx, async (topic, key, tenantId) => {
          const payload = [topic, key, ...(tenantId === undefined ? [] : [tenantId])].join(" ");
          announced.push(payload);
          await sql`select pg_notify(${channel}, ${payload})`.execute(tx);
        }),
      );
      // PostgreSQL tells this process too, a moment later; until then it must not serve its own stale copy.
      for (const payload of announced) dispatch(payload);
      return result;
    },
    onChange(topic, listener) {
      listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
    },
    get connected() {
      return client !== undefined;
    },
    onLost(listener) {
      lostListeners.push(listener);
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
