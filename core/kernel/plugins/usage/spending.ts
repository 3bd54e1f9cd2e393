import { chargeOf, type Meter, type Pricing } from "@plugboard/plugin-sdk/manifest";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { fromKey, type OnPlugin, toKey } from "../tenant-plugin-key.ts";
import type { CountedWindow } from "./queries.ts";
import * as queries from "./queries.ts";

/** What one tenant has used of one plugin in one month, as far as this process knows. Units by meter. */
export interface Spending {
  month: number;
  /** What all hosts have written down. */
  stored: Map<string, number>;
  /** What this process has counted, and does not stand in `stored` yet. */
  fresh: Map<string, number>;
  /** Calls under way, which may come to count. */
  underWay: Map<string, number>;
  usedAt: number;
}

/** Known for those tenants and plugins alone that have a cap. */
export interface Spendings {
  find(of: OnPlugin): Spending | undefined;
  /** Not at the same time as anything is written. @param waiting what this process has counted and not written */
  load(of: OnPlugin, waiting: () => Iterable<CountedWindow>): Promise<Spending>;
  /** Takes what this process has written, and what others have, to `stored`. Not at the same time as `load`. */
  settle(written: CountedWindow[]): Promise<void>;
}

/** How long one that nobody asks for is kept up to date. */
const idleMs = 10 * 60 * 1000;

export function createSpendings({ db, now }: { db: Kysely<CoreDatabase>; now: () => number }): Spendings {
  const known = new Map<string, Spending>();
  /** Written, while nobody could be asked what stands there now. */
  let unsettled: CountedWindow[] = [];

  return {
    find(of) {
      const spending = known.get(toKey(of));
      if (spending?.month !== monthOf(now())) return undefined;
      spending.usedAt = now();
      return spending;
    },

    async load(of, waiting) {
      const month = monthOf(now());
      const stored = await read([of], month);
      const fresh = new Map<string, number>();
      for (const { tenantId, plugin, meter, startsAt, chargedUnits } of waiting()) {
        if (tenantId === of.tenantId && plugin === of.plugin && startsAt >= month)
          add(fresh, meter, chargedUnits);
      }
      const key = toKey(of);
      unsettled = unsettled.filter((each) => toKey(each) !== key);
      const underWay = known.get(key)?.underWay ?? new Map<string, number>();
      const spending = { month, stored: stored.get(key) ?? new Map(), fresh, underWay, usedAt: now() };
      known.set(key, spending);
      return spending;
    },

    async settle(written) {
      for (const [key, { usedAt }] of known) if (now() - usedAt > idleMs) known.delete(key);
      unsettled.push(...written.filter((each) => known.has(toKey(each))));
      const month = monthOf(now());
      const current = [...known].filter(([, spending]) => spending.month === month);
      const stored = await read(
        current.map(([key]) => fromKey(key)),
        month,
      );
      for (const [key, spending] of current) spending.stored = stored.get(key) ?? new Map();
      for (const each of unsettled) {
        const spending = known.get(toKey(each));
        if (spending && each.startsAt >= spending.month) add(spending.fresh, each.meter, -each.chargedUnits);
      }
      unsettled = [];
    },
  };

  async function read(of: OnPlugin[], month: number): Promise<Map<string, Map<string, number>>> {
    const sums = new Map<string, Map<string, number>>();
    for (const { meter, units, ...whose } of await queries.sumCharged(db, of, new Date(month))) {
      const key = toKey(whose);
      sums.set(key, (sums.get(key) ?? new Map<string, number>()).set(meter, units));
    }
    return sums;
  }
}

/** What would be owed with so many more units of each of these meters, in minor units of money. */
export function owedWith(
  { stored, fresh, underWay }: Spending,
  { meters = [] }: Pricing,
  more: Meter[],
  moreUnits: number,
): bigint {
  return meters.reduce((sum, meter) => {
    const counts = [stored, fresh, underWay].map((units) => units.get(meter.name) ?? 0);
    const units = counts.reduce((total, count) => total + count, more.includes(meter) ? moreUnits : 0);
    return sum + chargeOf(meter.tiers, BigInt(units));
  }, 0n);
}

export function add(units: Map<string, number>, meter: string, more: number): void {
  units.set(meter, (units.get(meter) ?? 0) + more);
}

function monthOf(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}
