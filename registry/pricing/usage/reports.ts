import { randomBytes } from "node:crypto";
import { statementTypes, type UsageReport, type UsageWindow } from "@plugboard/plugin-sdk/trust";
import { newId } from "@plugboard/service-kit/crypto";
import { registryError } from "../../errors.ts";
import type { HostIdentity } from "../../host-access/index.ts";
import type { Hosts } from "../../hosts/index.ts";
import { addNotice } from "../../notices/index.ts";
import type { RegistryDatabase } from "../../tables.ts";
import { verifySigned } from "../../trust/index.ts";
import { periodOf } from "./period.ts";
import * as queries from "./queries.ts";

/**
 * `accepted`: counted; `known`: the same was counted before. The rest was not counted, and will not be, but for
 * `window-open`: that can be said again when the hour is over.
 */
export type Outcome =
  | "accepted"
  | "known"
  | "units-differ"
  | "units-absurd"
  | "window-open"
  | "window-malformed"
  | "period-closed"
  | "install-unknown"
  | "not-installed"
  | "meter-unknown";

export interface WindowResult extends Omit<UsageWindow, "units"> {
  outcome: Outcome;
}

export interface Reports {
  /**
   * Takes what a host signed, each window for itself.
   *
   * @throws `host-key-unknown`, `host-proof-invalid`, `signature-invalid`, `statement-wrong-type`, `statement-malformed`
   */
  take(by: HostIdentity, jws: string): Promise<WindowResult[]>;
}

const hourMs = 60 * 60 * 1000;
/** More calls than one install can make in an hour: five thousand in each second of it. */
const mostUnitsPerWindow = 5_000 * 3_600;
const mostInNotice = 20;

/** What an operator should look at: an honest host never says it. */
const suspicious: Outcome[] = ["units-differ", "units-absurd"];

type Facts = { install: queries.ReportedInstall; meters: Set<string> };

export function createReports({
  db,
  hosts,
  now,
}: {
  db: RegistryDatabase;
  hosts: Pick<Hosts, "find" | "requireFresh">;
  now: () => Date;
}): Reports {
  async function verify(by: HostIdentity, jws: string) {
    const host = await hosts.find(by.caller, jws);
    const report = await verifySigned<UsageReport>(statementTypes.usage, jws, [host.key], "host-key-unknown");
    hosts.requireFresh(report);
    if (report.host === host.hostId) return { host: { ...host, name: by.host }, report };
    throw registryError(
      "host-proof-invalid",
      `It is signed by the host ${host.hostId}, and says ${report.host}.`,
    );
  }

  /** The install, if this host may speak for it: for its tenant, as the one that made it, and no other since its first report. */
  async function factsOf(
    transaction: RegistryDatabase,
    host: { hostId: string; name: string; tokens: string[] },
    installId: string,
  ): Promise<Facts | undefined> {
    const install = await queries.findInstall(transaction, installId);
    if (install?.spoken_for_by !== host.name) return undefined;
    if (install.host_id === null) {
      if (install.made_by !== null && !host.tokens.includes(install.made_by)) return undefined;
      if (!(await queries.bindInstall(transaction, installId, host.hostId)))
        return factsOf(transaction, host, installId);
    } else if (install.host_id !== host.hostId) return undefined;
    const prices = await queries.agreedPrices(transaction, install);
    const meters = new Set(prices.flatMap((pricing) => (pricing.meters ?? []).map(({ name }) => name)));
    return { install, meters };
  }

  async function judge(
    transaction: RegistryDatabase,
    facts: Facts | undefined,
    { meter, window, units }: UsageWindow,
    count: (startsAt: Date) => Promise<boolean>,
  ): Promise<Outcome> {
    const startsAt = new Date(window);
    // February has no 30th: what is not its own text is no time.
    if (!isTime(startsAt) || startsAt.toISOString() !== window) return "window-malformed";
    if (!facts) return "install-unknown";
    const { install, meters } = facts;
    const before = await queries.findWindow(transaction, {
      install_id: install.id,
      meter,
      starts_at: startsAt,
    });
    if (before) return before.units === units ? "known" : "units-differ";
    const endsAt = new Date(startsAt.getTime() + hourMs);
    if (endsAt > now()) return "window-open";
    if (await queries.isClosed(transaction, periodOf(startsAt))) return "period-closed";
    const isOver = install.status !== "active" && install.updated_at <= startsAt;
    if (endsAt <= install.created_at || isOver) return "not-installed";
    if (!meters.has(meter)) return "meter-unknown";
    if (units > mostUnitsPerWindow) return "units-absurd";
    if (await count(startsAt)) return "accepted";
    // The same report twice in one moment.
    const other = await queries.findWindow(transaction, {
      install_id: install.id,
      meter,
      starts_at: startsAt,
    });
    return other?.units === units ? "known" : "units-differ";
  }

  return {
    async take(by, jws) {
      const { host, report } = await verify(by, jws);
      return db.transaction().execute(async (transaction) => {
        const { windows } = report;
        await queries.keepOpen(
          transaction,
          windows.map(({ window }) => window.slice(0, 7)),
        );
        const facts = new Map<string, Facts | undefined>();
        const filed = filing(transaction, { host, jws, now });
        const results: WindowResult[] = [];
        const odd: Oddity[] = [];
        for (const each of windows) {
          const { installId, meter, window, units } = each;
          if (!facts.has(installId)) facts.set(installId, await factsOf(transaction, host, installId));
          const of = facts.get(installId);
          const outcome = await judge(transaction, of, each, async (startsAt) => {
            if (!of) return false;
            const { tenant_id, plugin } = of.install;
            const [publisher = ""] = plugin.split("/");
            await queries.ensureTenantRef(transaction, { publisher, tenant_id, ref: newRef() });
            return queries.insertWindow(transaction, {
              install_id: installId,
              meter,
              starts_at: startsAt,
              tenant_id,
              plugin,
              units,
              report_id: await filed.report(),
            });
          });
          results.push({ installId, meter, window, outcome });
          const isRefused = outcome !== "accepted" && outcome !== "known" && outcome !== "window-malformed";
          const isNew = isRefused && (await filed.refusal(each, outcome));
          if (isNew && of && suspicious.includes(outcome))
            odd.push({ ...each, outcome, install: of.install });
        }
        await tellOperator(transaction, host.hostId, odd, now());
        return results;
      });
    },
  };
}

interface Oddity extends UsageWindow {
  outcome: Outcome;
  install: queries.ReportedInstall;
}

/** Keeps a report only where it says something new: a replay leaves nothing behind. */
function filing(
  transaction: RegistryDatabase,
  { host, jws, now }: { host: { hostId: string; kid: string }; jws: string; now: () => Date },
) {
  let reportId: string | undefined;
  async function report(): Promise<string> {
    if (reportId !== undefined) return reportId;
    reportId = newId("usr");
    const facts = { id: reportId, host_id: host.hostId, kid: host.kid, report: jws, received_at: now() };
    await queries.insertReport(transaction, facts);
    return reportId;
  }
  return {
    report,
    async refusal({ installId, meter, window, units }: UsageWindow, reason: Outcome): Promise<boolean> {
      return queries.insertRefusal(transaction, {
        id: newId("usx"),
        host_id: host.hostId,
        install_id: installId,
        meter,
        starts_at: new Date(window),
        units,
        reason,
        report_id: await report(),
        at: now(),
      });
    },
  };
}

/** One notice for each plugin, however many windows there are. */
async function tellOperator(db: RegistryDatabase, hostId: string, odd: Oddity[], at: Date): Promise<void> {
  for (const [plugin, found] of Map.groupBy(odd, ({ install }) => install.plugin)) {
    await addNotice(db, {
      kind: "usage-refused",
      plugin,
      version: found[0]?.install.version ?? "",
      message: `A host reported usage of ${plugin} that cannot be right; it was not counted.`,
      details: {
        hostId,
        count: found.length,
        windows: found.slice(0, mostInNotice).map(({ install, ...window }) => window),
      },
      at,
    });
  }
}

function isTime(at: Date): boolean {
  return !Number.isNaN(at.getTime());
}

function newRef(): string {
  return `ten_${randomBytes(16).toString("hex")}`;
}
