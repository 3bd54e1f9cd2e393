import { newId } from "@plugboard/service-kit/crypto";
import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Logger } from "@plugboard/service-kit/observe";
import { registryError } from "../../errors.ts";
import type { RegistryDatabase } from "../../tables.ts";
import type { BillingProvider } from "../billing/index.ts";
import { toLines } from "./lines.ts";
import { boundsOf } from "./period.ts";
import * as queries from "./queries.ts";

/** How long hosts have for the last hours of a month: a registry, or a host, may be away over a long weekend. */
const lateMs = 3 * 24 * 60 * 60 * 1000;
const batch = 100;

export interface Closing {
  /**
   * Works out what is owed for a month, once, and hands it to the provider. Again, it hands over what was not taken yet.
   *
   * @throws `usage-period-open` where the month is not over
   */
  close(period: string): Promise<{ period: string; closed: true }>;
  /** Closes by itself what ended some days ago. To be made before the jobs are started. */
  start(): Promise<void>;
}

export function createClosing(options: {
  db: RegistryDatabase;
  provider: Pick<BillingProvider, "reportUsage">;
  jobs: Pick<Jobs, "define" | "schedule">;
  logger: Logger;
  now: () => Date;
}): Closing {
  const { db, provider, jobs, logger, now } = options;

  async function fix(period: string): Promise<void> {
    await db.transaction().execute(async (transaction) => {
      await queries.holdPeriod(transaction, period);
      if (!(await queries.insertPeriod(transaction, period, now()))) return;
      const lines = toLines(await queries.sumUsage(transaction, boundsOf(period)));
      await queries.insertLines(
        transaction,
        lines.map((line) => ({
          id: newId("uln"),
          period,
          tenant_id: line.tenantId,
          plugin: line.plugin,
          terms: line.terms,
          meter: line.meter,
          units: line.units,
          free_units: line.freeUnits,
          amount: String(line.amount),
          currency: line.currency,
          invoiced_at: null,
        })),
      );
    });
  }

  /** A line that the provider has taken is marked; one that it took without our hearing of it is offered again. */
  async function invoice(period: string): Promise<void> {
    for (let after: string | undefined; ; ) {
      const rows = await queries.listLines(db, { period, openOnly: true, limit: batch, after });
      for (const row of rows) {
        if (row.currency !== null && row.units > 0)
          await provider.reportUsage(toUsageLine(row, row.currency));
        await queries.markInvoiced(db, row.id, now());
      }
      after = rows.at(-1)?.id;
      if (rows.length < batch) return;
    }
  }

  async function close(period: string) {
    if (boundsOf(period).to > now()) {
      throw registryError("usage-period-open", `${period} is not over yet.`);
    }
    await fix(period);
    await invoice(period);
    return { period, closed: true as const };
  }

  const queue = jobs.define<Record<string, never>>("registry.usage-closing", {
    deadLetter: false,
    policy: "exclusive",
    async handler() {
      const due = await queries.openPeriods(db, new Date(now().getTime() - lateMs));
      for (const period of due) {
        if (boundsOf(period).to.getTime() + lateMs > now().getTime()) continue;
        await close(period);
        logger.info({ period }, "a month of usage was closed");
      }
      // What the provider did not take when its month was closed.
      const [left] = await queries.listLines(db, { openOnly: true, limit: 1 });
      if (left) await invoice(left.period);
    },
  });

  return {
    close,
    async start() {
      await jobs.schedule(queue, "7 * * * *", {});
    },
  };
}

function toUsageLine(row: queries.LineRow, currency: string) {
  return {
    lineId: row.id,
    period: row.period,
    tenantId: row.tenant_id,
    plugin: row.plugin,
    terms: row.terms,
    meter: row.meter,
    units: row.units,
    amount: BigInt(row.amount),
    currency,
  };
}
