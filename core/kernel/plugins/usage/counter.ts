import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import * as queries from "./queries.ts";

export type Use = Omit<queries.CountedWindow, "startsAt">;

/**
 * What this process has counted and not written down yet. A call costs no query; a crash loses what was counted since the
 * last writing, which then nobody owes.
 */
export interface Counter {
  /** Counts into the hour it is now. */
  add(use: Use): void;
  /** What waits to be written. */
  waiting(): Iterable<queries.CountedWindow>;
  /**
   * To be called one at a time.
   *
   * @returns what waits no more, as it is stored or its tenant is erased; after a `failure` the rest still does
   */
  write(): Promise<{ written: queries.CountedWindow[]; failure?: unknown }>;
}

export const hourMs = 60 * 60 * 1000;
/** Well below the 65,535 parameters that PostgreSQL takes in a statement. */
const batch = 1_000;

export function createCounter(options: {
  db: Kysely<CoreDatabase>;
  logger: Logger;
  now: () => number;
}): Counter {
  const { db, logger, now } = options;
  const counted = new Map<string, queries.CountedWindow>();

  function put(window: queries.CountedWindow): void {
    const key = keyOf(window);
    const before = counted.get(key);
    if (!before) return void counted.set(key, { ...window });
    before.units += window.units;
    before.chargedUnits += window.chargedUnits;
  }

  function add(use: Use): void {
    put({ ...use, startsAt: hourOf(now()) });
  }

  /** What a closed hour takes no more goes into the one it is now: nothing that the registry was told changes. */
  async function writeSome(some: queries.CountedWindow[]): Promise<queries.CountedWindow[]> {
    let isSent = false;
    try {
      const taken = await db.transaction().execute(async (transaction) => {
        const tenants = await queries.holdTenants(transaction, [
          ...new Set(some.map(({ tenantId }) => tenantId)),
        ]);
        // What an erased tenant has used nobody owes any more; a row for it would be refused, and all others' with it.
        const erased = some.filter(({ tenantId }) => !tenants.has(tenantId));
        const living = some.filter(({ tenantId }) => tenants.has(tenantId));
        const keys = await queries.addUnits(transaction, living);
        isSent = true;
        return new Set([...keys, ...erased].map(keyOf));
      });
      for (const late of some) if (!taken.has(keyOf(late))) add(late);
      return some.filter((each) => taken.has(keyOf(each)));
    } catch (err) {
      // Nobody knows whether the commit was carried out. Counting twice would be at the tenant's cost.
      if (isSent) {
        logger.error({ err, windows: some.length }, "counted usage may be lost");
        return some;
      }
      for (const each of some) put(each);
      throw err;
    }
  }

  return {
    add,
    waiting: () => counted.values(),
    async write() {
      const keys = [...counted.keys()].sort();
      const written: queries.CountedWindow[] = [];
      for (let start = 0; start < keys.length; start += batch) {
        const some = keys.slice(start, start + batch).flatMap((key) => counted.get(key) ?? []);
        for (const each of some) counted.delete(keyOf(each));
        try {
          written.push(...(await writeSome(some)));
        } catch (failure) {
          return { written, failure };
        }
      }
      return { written };
    },
  };
}

function hourOf(atMs: number): number {
  return atMs - (atMs % hourMs);
}

function keyOf(of: Pick<queries.CountedWindow, "installId" | "meter" | "startsAt">): string {
  return `${of.installId} ${of.meter} ${of.startsAt}`;
}
