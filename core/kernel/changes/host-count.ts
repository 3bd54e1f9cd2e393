import type { Logger } from "@plugboard/service-kit/observe";
import { type Kysely, sql } from "kysely";
import { listenerName } from "./changes.ts";

/** How many host processes stand over this database, so that each can keep to its part of what they share. */
export interface HostCount {
  /** At least 1. What it was when it was last looked at. */
  now(): number;
  stop(): void;
}

const everyMs = 10_000;

/** Every host has one line open on which it hears of changes. PostgreSQL knows them all, and none that has died. */
export async function startHostCount<T>(options: { db: Kysely<T>; logger: Logger }): Promise<HostCount> {
  const { db, logger } = options;
  let count = 1;
  async function look(): Promise<void> {
    try {
      const { rows } = await sql<{ hosts: number }>`
        select count(*)::integer as hosts from pg_stat_activity
        where datname = current_database() and application_name = ${listenerName}`.execute(db);
      count = Math.max(1, rows[0]?.hosts ?? 1);
    } catch (err) {
      logger.debug({ err }, "how many hosts there are could not be looked up; it counts what it was");
    }
  }
  await look();
  const timer = setInterval(() => void look(), everyMs).unref();
  return { now: () => count, stop: () => clearInterval(timer) };
}
