import { newId } from "@plugboard/service-kit/crypto";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type { CoreDatabase } from "../../../tables.ts";
import { type Changes, createCachedLookup } from "../../changes/index.ts";
import type { Events } from "../../events/index.ts";
import type { LimitReached, PluginSettings } from "../../limits/index.ts";
import type { PageRequest } from "../../paging.ts";
import type { ReleaseName } from "../active-plugins.ts";
import * as queries from "./queries.ts";
import { type Crash, judge, type Verdict } from "./verdict.ts";

/** A release that is not called any more. */
export interface QuarantinedRelease {
  id: string;
  plugin: string;
  version: string;
  /** Null: kept from all tenants. */
  tenantId: string | null;
  reason: string;
  crashes: number;
  since: string;
}

export interface Quarantine {
  /** What keeps this tenant from the release, from memory when nothing changed. */
  of(release: ReleaseName, tenantId: string): Promise<QuarantinedRelease | undefined>;
  /** @throws `plugin-quarantined` */
  admit(release: ReleaseName, tenantId: string): Promise<void>;
  /** Counts a crash of the release on this host, and quarantines what goes on crashing. */
  count(release: ReleaseName, crash: Omit<Crash, "at">): void;
  list(page: PageRequest): Promise<QuarantinedRelease[]>;
  /** Lets the release be called again; it starts afresh. @throws `quarantine-not-found` */
  lift(id: string): Promise<void>;
}

export function createQuarantine(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  events: Pick<Events, "append">;
  logger: Logger;
  settings: Pick<PluginSettings, "limits">;
  limitReached: LimitReached;
  /** The clock, in ms. */
  now?: () => number;
}): Quarantine {
  const { db, changes, events, logger, settings, limitReached, now = Date.now } = options;
  const rowsOf = createCachedLookup({
    changes,
    topic: "quarantine",
    load: (tarballSha512) => queries.listQuarantinesOf(db, tarballSha512),
  });
  /** By release; of this host alone, and gone with it. `until`: when the last one has left the window. */
  const crashes = new Map<string, { met: Crash[]; until: number }>();
  changes.onChange("quarantine", (tarballSha512) => crashes.delete(tarballSha512));

  /** A release that crashed once and never again, since it was left or forgotten, is not kept for it. */
  function forgetOld(at: number): void {
    for (const [tarballSha512, { until }] of crashes) if (until <= at) crashes.delete(tarballSha512);
  }

  async function find(release: ReleaseName, tenantId: string) {
    const rows = (await rowsOf.get(release.tarballSha512)) ?? [];
    return rows.find(({ tenant_id }) => tenant_id === null || tenant_id === tenantId);
  }

  /** Whether so many tenants have come to grief with it that the others are to be kept from it too. */
  async function isEnough(release: ReleaseName, culprits: number): Promise<boolean> {
    const { quarantineTenants, quarantinePercent } = settings.limits(release.plugin);
    if (culprits < quarantineTenants) return false;
    const tenants = await queries.countTenants(db, release.tarballSha512);
    return culprits >= (tenants * quarantinePercent) / 100;
  }

  async function put(release: ReleaseName, verdict: Verdict): Promise<void> {
    const { plugin, version, tarballSha512 } = release;
    if (verdict.tenantId === null && !(await isEnough(release, verdict.culprits))) return;
    const { crashWindowMs } = settings.limits(plugin);
    const whose = verdict.tenantId === null ? "" : " under this tenant's calls";
    const reason = `It crashed ${verdict.crashes} times within ${crashWindowMs / 1000} s${whose}.`;
    const isNew = await changes.transaction(db, async (tx, announce) => {
      const inserted = await queries.insertQuarantine(tx, {
        id: newId("qua"),
        plugin,
        version,
        tarball_sha512: tarballSha512,
        tenant_id: verdict.tenantId,
        reason,
        crashes: verdict.crashes,
      });
      if (!inserted) return false;
      await announce("quarantine", tarballSha512);
      await tell(tx, "plugboard.plugin.quarantined", release, verdict.tenantId, { reason });
      return true;
    });
    if (!isNew) return;
    limitReached(plugin, verdict.tenantId === null ? "quarantineTenants" : "quarantineCrashes");
    logger.error({ ...release, tenantId: verdict.tenantId, reason }, "a plugin is in quarantine");
  }

  /** Tells each tenant that has the release, of its own install. */
  async function tell(
    tx: Kysely<CoreDatabase>,
    type: "plugboard.plugin.quarantined" | "plugboard.plugin.released",
    { plugin, version, tarballSha512 }: ReleaseName,
    tenantId: string | null,
    more: { reason?: string },
  ): Promise<void> {
    for (const install of await queries.listAffectedInstalls(tx, tarballSha512, tenantId)) {
      const data = { installId: install.id, plugin, version, ...more };
      const source = { host: true, installId: install.id } as const;
      await events.append({ tenantId: install.tenant_id, type, source, data }, tx);
    }
  }

  return {
    async of(release, tenantId) {
      const row = await find(release, tenantId);
      return row && toQuarantined(row);
    },

    async admit(release, tenantId) {
      const row = await find(release, tenantId);
      if (!row) return;
      const { plugin, version, reason, created_at } = row;
      throw coreError(
        "plugin-quarantined",
        `${plugin} ${version} is not called any more: ${reason} Take another version, or ask whoever runs this host to lift the quarantine.`,
        { plugin, version, since: created_at.toISOString(), retryable: false },
      );
    },

    count(release, crash) {
      const { tarballSha512, plugin } = release;
      const { quarantineCrashes, crashWindowMs } = settings.limits(plugin);
      const at = now();
      forgetOld(at);
      const recent = (crashes.get(tarballSha512)?.met ?? []).filter((one) => one.at > at - crashWindowMs);
      recent.push({ ...crash, at });
      crashes.set(tarballSha512, { met: recent.slice(-mostRemembered), until: at + crashWindowMs });
      const verdict = judge(recent, quarantineCrashes);
      if (!verdict) return;
      put(release, verdict).catch((err) => {
        logger.error({ ...release, err }, "a plugin that goes on crashing could not be put into quarantine");
      });
    },

    async list(page) {
      return (await queries.listQuarantines(db, page)).map(toQuarantined);
    },

    async lift(id) {
      await changes.transaction(db, async (tx, announce) => {
        const row = await queries.deleteQuarantine(tx, id);
        if (!row) {
          throw coreError(
            "quarantine-not-found",
            `There is no quarantine "${id}". GET /api/v1/quarantines lists them.`,
          );
        }
        const { plugin, version, tarball_sha512: tarballSha512, tenant_id } = row;
        await announce("quarantine", tarballSha512);
        await tell(tx, "plugboard.plugin.released", { plugin, version, tarballSha512 }, tenant_id, {});
      });
    },
  };
}

/** Crashes of one release that are kept to be judged; far more than any limit asks for. */
const mostRemembered = 1_000;

function toQuarantined(row: queries.QuarantineRow): QuarantinedRelease {
  return {
    id: row.id,
    plugin: row.plugin,
    version: row.version,
    tenantId: row.tenant_id,
    reason: row.reason,
    crashes: row.crashes,
    since: row.created_at.toISOString(),
  };
}
