import type { RegistryDatabase } from "../../tables.ts";
import { toLines } from "./lines.ts";
import { boundsOf } from "./period.ts";
import * as queries from "./queries.ts";

/** What was used by one meter of a plugin in a month. */
export interface Usage {
  plugin: string;
  meter: string;
  terms: string;
  units: number;
  freeUnits: number;
  /** Minor units, as decimal digits. */
  amount: string;
  currency: string | null;
}

export interface UsageView {
  /** All of a month; what is not closed yet may still grow. */
  ofTenant(tenantId: string, period: string): Promise<{ period: string; closed: boolean; items: Usage[] }>;
  /** The same for all tenants of a publisher's plugins, each under a name that tells nothing. */
  ofPublisher(
    publisher: string,
    period: string,
  ): Promise<{ period: string; closed: boolean; items: (Usage & { tenant: string })[] }>;
}

/** More than any publisher's month has; past it, the rest is not shown. */
const mostLines = 10_000;

export function createUsageView({ db }: { db: RegistryDatabase }): UsageView {
  async function read(period: string, whose: queries.Whose) {
    const closed = await queries.isClosed(db, period);
    if (closed) {
      const rows = await queries.listLines(db, { period, ...whose, limit: mostLines });
      return { closed, items: rows.map((row) => ({ ...toUsage(row), tenantId: row.tenant_id })) };
    }
    const lines = toLines(await queries.sumUsage(db, { ...boundsOf(period), ...whose }));
    return { closed, items: lines.map((line) => ({ ...line, amount: String(line.amount) })) };
  }

  return {
    async ofTenant(tenantId, period) {
      const { closed, items } = await read(period, { tenantId });
      return { period, closed, items: items.map(({ tenantId: _, ...usage }) => usage) };
    },
    async ofPublisher(publisher, period) {
      const { closed, items } = await read(period, { publisher });
      const refs = await queries.tenantRefs(db, publisher);
      const named = items.map(({ tenantId, ...usage }) => ({ tenant: refs.get(tenantId) ?? "", ...usage }));
      // Not in the order of the tenants' ids, which says who came when.
      named.sort((a, b) => (a.plugin + a.tenant + a.meter < b.plugin + b.tenant + b.meter ? -1 : 1));
      return { period, closed, items: named };
    },
  };
}

export function toUsage(row: queries.LineRow): Usage {
  return {
    plugin: row.plugin,
    meter: row.meter,
    terms: row.terms,
    units: row.units,
    freeUnits: row.free_units,
    amount: row.amount,
    currency: row.currency,
  };
}
