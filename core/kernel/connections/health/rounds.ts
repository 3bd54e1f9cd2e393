import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { ConnectionRow } from "../queries.ts";
import type { Look } from "./look.ts";
import { claimDue } from "./queries.ts";

/** Connections that are looked at at the same time, on one host. */
const most = 32;
/** Of these one tenant's, which has its next turn when they are done: its vendor may take long to answer. */
const mostPerTenant = 8;
/** So long a look may take, until another host takes it over. */
const claimMs = 5 * 60_000;

export interface HealthRounds {
  /** Looks for those that are due without waiting for the next time. */
  now(): void;
  stop(): Promise<void>;
}

/** Looks at due connections now and again, on every host: each takes what no other has taken. */
export function startHealthRounds(options: {
  db: Kysely<CoreDatabase>;
  look: Look;
  everyMs: number;
  logger: Logger;
}): HealthRounds {
  const { db, look, everyMs, logger } = options;
  const ending = new AbortController();
  const { signal } = ending;
  /** The looks under way, and whose they are. */
  const underWay = new Map<Promise<void>, string>();
  let filling: Promise<void> | undefined;
  let isAskedAgain = false;

  function begin(row: ConnectionRow): void {
    const looking = look(row, signal).finally(() => {
      const wasFull = underWay.size >= most;
      underWay.delete(looking);
      if (wasFull || ![...underWay.values()].includes(row.tenant_id)) fill();
    });
    underWay.set(looking, row.tenant_id);
  }

  async function take(): Promise<void> {
    for (let limit = most; limit > 0 && !signal.aborted; ) {
      limit = most - underWay.size;
      if (limit === 0) return;
      const except = [...new Set(underWay.values())];
      const due = await claimDue(db, { limit, perTenant: mostPerTenant, except, forMs: claimMs });
      for (const row of due) begin(row);
      if (due.length === 0) return;
    }
  }

  /** One at a time: what it takes depends on what is under way. */
  function fill(): void {
    isAskedAgain = true;
    filling ??= (async () => {
      while (isAskedAgain && !signal.aborted) {
        isAskedAgain = false;
        await take().catch((err) => logger.error({ err }, "connections could not be looked at"));
      }
      filling = undefined;
    })();
  }

  const timer = setInterval(fill, everyMs).unref();
  return {
    now: fill,
    async stop() {
      ending.abort();
      clearInterval(timer);
      await filling;
      await Promise.all(underWay.keys());
    },
  };
}
