import { signStatement, statementTypes, type UsageReport } from "@plugboard/plugin-sdk/trust";
import { type RegistryClient, RegistryProblem } from "@plugboard/registry/client";
import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { type HostKey, registryAudience } from "../host-key/index.ts";
import { hourMs } from "./counter.ts";
import * as queries from "./queries.ts";
import type { UsageMeter } from "./usage-meter.ts";

/** The queue of it; a job in it tells the registry all that there is to tell. */
export const usageReportQueue = "core.usage-report";

/** Some minutes past the hour, when every host has written down what it counted in it. */
const cron = "*/10 * * * *";
/** How long after its hour a window still takes what a slow host writes. */
const settleMs = 10 * 60 * 1000;
/** What one report holds. */
const mostWindows = 500;

/** What is there only once the jobs have started. */
interface Parts {
  registry: Pick<RegistryClient, "reportUsage">;
  hostKey: Pick<HostKey, "signer" | "announce">;
  meter: Pick<UsageMeter, "flush">;
}

type Signer = Awaited<ReturnType<HostKey["signer"]>>;
type Row = Awaited<ReturnType<typeof queries.listUnreported>>[number];

/** Tells the registry what was used in hours that are over. Of several hosts, one does it at a time. To be made before the jobs are started. */
export function createUsageReporter(options: {
  db: Kysely<CoreDatabase>;
  jobs: Pick<Jobs, "define" | "schedule">;
  logger: Logger;
  now?: (() => number) | undefined;
}): { start(parts: Parts): Promise<void> } {
  const { db, jobs, logger, now = Date.now } = options;

  function sign(rows: Row[], { hostId, privateJwk }: Signer): Promise<string> {
    const report: UsageReport = {
      host: hostId,
      audience: registryAudience,
      issuedAt: new Date(now()).toISOString(),
      windows: rows.map(({ install_id, meter, starts_at, units }) => ({
        installId: install_id,
        meter,
        window: starts_at.toISOString(),
        units,
      })),
    };
    return signStatement(statementTypes.usage, report, { privateJwk });
  }

  async function send(rows: Row[], { registry, hostKey }: Parts) {
    try {
      return await registry.reportUsage(await sign(rows, await hostKey.signer()));
    } catch (error) {
      if (!(error instanceof RegistryProblem) || error.code !== "host-key-unknown") throw error;
      // The token is another one since, or the registry was set up anew.
      return registry.reportUsage(await sign(rows, await hostKey.announce()));
    }
  }

  async function report(parts: Parts, signal: AbortSignal): Promise<void> {
    await parts.meter.flush();
    const before = new Date(now() - hourMs - settleMs);
    await queries.sealWindows(db, { before, at: new Date(now()) });
    while (!signal.aborted) {
      const rows = await queries.listUnreported(db, mostWindows);
      if (rows.length === 0) return;
      const results = await send(rows, parts);
      // By a registry whose clock is behind the hour is not over: it is told again.
      const settled = results.filter(({ outcome }) => outcome !== "window-open");
      for (const each of settled) {
        await queries.markReported(db, each, new Date(now()));
        const isTaken = each.outcome === "accepted" || each.outcome === "known";
        if (!isTaken) logger.error({ ...each }, "the registry did not take what was used");
      }
      if (settled.length === 0 || rows.length < mostWindows) return;
    }
  }

  let started: Parts | undefined;
  const queue = jobs.define(usageReportQueue, {
    policy: "exclusive",
    // The next round says all of it again.
    retryLimit: 0,
    deadLetter: false,
    async handler({ signal }) {
      if (started) await report(started, signal);
    },
  });
  return {
    async start(parts) {
      started = parts;
      await jobs.schedule(queue, cron, {});
    },
  };
}
