import type { RegistryClient } from "@plugboard/registry/client";
import type { KeyManagement } from "@plugboard/service-kit/crypto";
import type { Route } from "@plugboard/service-kit/http";
import type { Logger, Metrics } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import { createAuthors } from "../access/index.ts";
import type { EgressBroker, Files, PluginEvents, PluginFiles, PluginStorage } from "../capabilities/index.ts";
import type { Changes } from "../changes/index.ts";
import type { Events } from "../events/index.ts";
import type { LimitReached, PluginSettings } from "../limits/index.ts";
import type { ReferenceKeys } from "../vault/index.ts";
import { createActivePlugins } from "./active-plugins.ts";
import { followBadges } from "./badges.ts";
import { createEntitlementRoutes, createEntitlements } from "./entitlements/index.ts";
import { createHostKey, createHostKeyRoutes } from "./host-key/index.ts";
import { followInstalls } from "./hot-swap.ts";
import { createInstallRoutes } from "./install-routes.ts";
import { createInstalls, type Installs } from "./installs.ts";
import { createLifecycle } from "./lifecycle/index.ts";
import { createMarketplaceRoutes } from "./marketplace-routes.ts";
import type { PluginRunner } from "./plugin-runner.ts";
import { createPolicyRoutes } from "./policies/index.ts";
import { createPublisherLinkRoutes } from "./private-plugins/index.ts";
import { createQuarantine, createQuarantineRoutes } from "./quarantine/index.ts";
import { createReleaseStore } from "./release-store.ts";
import { createReviewRoutes } from "./reviews/index.ts";
import { createPluginRunner } from "./run.ts";
import { createTrustRoutes, openRegistryTrust, type TrustSettings } from "./trust/index.ts";
import { createUpdates } from "./updates/index.ts";
import {
  createSpendCaps,
  createUsageMeter,
  type createUsageReporter,
  createUsageRoutes,
} from "./usage/index.ts";

/** How often the registry is asked for news of what tenants have bought. */
const entitlementRefreshMs = 60 * 60 * 1000;

export interface Plugins {
  installs: Installs;
  runner: PluginRunner;
  routes: Route[];
  /** Looks after what is installed: trust, what was bought, newer versions, changes that were cut off, usage. */
  start(): Promise<{ stop(): Promise<void> }>;
  /** Ends the sandboxes; calls in them may take as long. */
  close(graceMs: number): Promise<void>;
}

/** Everything about plugins of this host, wired together: whence they come, whether they may run, what runs them. */
export function createPlugins(options: {
  config: {
    dataDir: string;
    trust: TrustSettings;
    entitlementGraceHours: number;
    upgradesPerMinute: number;
    entitlementRefreshMs?: number;
    updateRoundMs?: number;
  };
  db: Kysely<CoreDatabase>;
  keys: KeyManagement;
  referenceKeys: ReferenceKeys;
  registry: RegistryClient;
  /** The registry is of this process, and none that could be exchanged for another. */
  isOwnRegistry: boolean;
  changes: Changes;
  events: Events;
  egress: EgressBroker;
  storage: PluginStorage;
  pluginEvents: PluginEvents;
  files: PluginFiles;
  tenantFiles: Files;
  settings: PluginSettings;
  limitReached: LimitReached;
  /** Made before the jobs were started, whose queue it sends to. */
  usageReporter: ReturnType<typeof createUsageReporter>;
  logger: Logger;
  metrics: Metrics;
  now?: (() => number) | undefined;
}): Plugins {
  const { config, keys, referenceKeys, isOwnRegistry, usageReporter, pluginEvents, now, ...kit } = options;
  const { db, registry, changes, logger } = kit;
  const { dataDir } = config;
  const clock = now && { now };

  const hostKey = createHostKey({ db, keys, registry, now: now ?? Date.now });
  const spendCaps = createSpendCaps({ db, changes });
  const usage = createUsageMeter({ db, caps: spendCaps, logger, now });
  const counting = usage.start();

  const trust = openRegistryTrust({
    dataDir,
    db,
    registry,
    isOwn: isOwnRegistry,
    settings: config.trust,
    logger,
  });
  const releases = createReleaseStore({ dataDir, registry, trust, logger });
  const quarantine = createQuarantine(kit);
  const activePlugins = createActivePlugins({
    ...kit,
    loadRelease: releases.load,
    quarantine,
    refuseBlocked: trust.refuseBlocked,
  });
  trust.onBlocked(() => activePlugins.stop((release) => trust.blockOf(release) !== undefined));
  followInstalls({ db, changes, activePlugins, logger });
  const badges = followBadges({ trust, registry, activePlugins, logger });
  const entitlements = createEntitlements({
    ...kit,
    trust,
    graceMs: config.entitlementGraceHours * 3_600_000,
    refreshMs: config.entitlementRefreshMs ?? entitlementRefreshMs,
    ...clock,
  });
  const runner = createPluginRunner({ ...kit, events: pluginEvents, activePlugins, entitlements, usage });
  const lifecycle = createLifecycle({ ...kit, pluginEvents, activePlugins, runner, quarantine, trust });
  const installs = createInstalls({ db, changes, activePlugins, trust, lifecycle, registry, logger });
  const updates = createUpdates({ ...kit, trust, lifecycle, settings: config, ...clock });

  return {
    installs,
    runner,
    routes: [
      ...createMarketplaceRoutes({ registry, installs }),
      ...createEntitlementRoutes({ registry, entitlements }),
      ...createUsageRoutes({ registry, spendCaps }),
      ...createHostKeyRoutes({ hostKey }),
      ...createInstallRoutes({ installs, quarantine, trust, updates }),
      ...createPolicyRoutes({ registry, updates }),
      ...createPublisherLinkRoutes({ registry }),
      ...createReviewRoutes({ registry, authors: createAuthors({ referenceKeys }) }),
      ...createQuarantineRoutes({ quarantine }),
      ...createTrustRoutes({ trust }),
    ],

    async start() {
      await usageReporter.start({ registry, hostKey, meter: usage });
      // What is installed under this token is this host's to speak for. Nobody waits for it, and each report tries again.
      const announced = hostKey
        .announce()
        .catch((err) => logger.warn({ err }, "this host's key could not be shown to the registry yet"));
      const watches = [trust.watch(), entitlements.watch(), updates.watch(), lifecycle.watch()];
      return {
        async stop() {
          await Promise.all([announced, ...watches.map((watch) => watch.stop())]);
          await badges.settled();
        },
      };
    },

    async close(graceMs) {
      await activePlugins.close(graceMs);
      // After the last call has ended.
      await counting.stop();
    },
  };
}
