import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { PluginEvents, PluginStorage } from "../../capabilities/index.ts";
import type { Changes } from "../../changes/index.ts";
import type { Events } from "../../events/index.ts";
import type { PluginSettings } from "../../limits/index.ts";
import type { PageRequest } from "../../paging.ts";
import type { ActivePlugins } from "../active-plugins.ts";
import { type Install, installNotFound, toInstall } from "../install.ts";
import type { PluginRunner } from "../plugin-runner.ts";
import type { Quarantine } from "../quarantine/index.ts";
import * as queries from "../queries.ts";
import { createCheckStored } from "../stored-receipt.ts";
import type { RegistryTrust } from "../trust/index.ts";
import { createAdmission } from "./admission.ts";
import { changeVersion, rollBack, type VersionWish } from "./change-version.ts";
import type { LifecycleParts } from "./context.ts";
import { createInstall, type InstallRequest } from "./create.ts";
import { createHistory, type HistoryEntry } from "./history.ts";
import { createLifecycleHooks } from "./hooks.ts";
import { type ChangeLease, createChangeLeases } from "./lease.ts";
import { mend, watchLeftBehind } from "./reconcile.ts";
import { uninstall } from "./uninstall.ts";

/** Every change of what a tenant has installed, one at a time for each tenant and plugin. */
export interface Lifecycle {
  /** @throws `already-installed`, `install-changing`, `consent-required`, … Nothing is left behind when it fails. */
  create(tenantId: string, request: InstallRequest): Promise<Install>;
  /** @throws `install-changing`, `consent-required`, `upgrade-incompatible`, … The old version serves on when it fails. */
  changeVersion(install: Install, wish: VersionWish): Promise<Install>;
  /** @throws `rollback-unavailable`, and as `changeVersion` */
  rollBack(install: Install): Promise<Install>;
  /** @throws `install-in-use`, `install-changing`, `lifecycle-hook-failed` (not when it is forced) */
  remove(install: Install, how: { isForced: boolean }): Promise<void>;
  /** The versions that an install has had, the oldest first. */
  history(tenantId: string, installId: string, page: PageRequest): Promise<HistoryEntry[]>;
  /** Mends what changes that were cut off left behind, from now on. Gives what stops it. */
  watch(): { stop(): Promise<void> };
}

export function createLifecycle(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  events: Pick<Events, "append">;
  registry: LifecycleParts["registry"] & Pick<RegistryClient, "getInstall">;
  activePlugins: ActivePlugins;
  runner: Pick<PluginRunner, "runHook">;
  storage: Pick<PluginStorage, "stage">;
  pluginEvents: Pick<PluginEvents, "stage">;
  quarantine: Pick<Quarantine, "of">;
  trust: Pick<RegistryTrust, "onlineKeys" | "requireFresh" | "refuseBlocked">;
  logger: Logger;
  settings: Pick<PluginSettings, "limits">;
}): Lifecycle {
  const { db, logger } = options;
  const checkStored = createCheckStored(options);
  const history = createHistory(options);
  const admission = createAdmission(options);
  const hooks = createLifecycleHooks(options);
  const parts: LifecycleParts = { ...options, admission, hooks, history };
  const leases = createChangeLeases({ db, logger, mend: (...args) => mend(options, ...args) });

  /** As it is once nobody else changes it: what was read before may have been changed by whoever held the lease. */
  async function fresh({ tenantId, id }: Install): Promise<Install> {
    const row = await queries.findInstall(db, id);
    if (row?.tenant_id !== tenantId) throw installNotFound(id);
    await checkStored(row);
    return toInstall(row);
  }

  function hold<T>(
    install: Install,
    kind: "upgrade" | "rollback" | "uninstall",
    work: (before: Install, lease: ChangeLease) => Promise<T>,
  ): Promise<T> {
    return leases.hold({ tenantId: install.tenantId, plugin: install.plugin }, kind, async (lease) =>
      work(await fresh(install), lease),
    );
  }

  return {
    create: (tenantId, request) =>
      leases.hold({ tenantId, plugin: request.plugin }, "install", (lease) =>
        createInstall(parts, tenantId, request, lease),
      ),
    changeVersion: (install, wish) =>
      hold(install, "upgrade", (before, lease) => changeVersion(parts, before, wish, lease)),
    rollBack: (install) => hold(install, "rollback", (before, lease) => rollBack(parts, before, lease)),
    remove: (install, how) =>
      hold(install, "uninstall", (before, lease) => uninstall(parts, before, how, lease)),
    history: history.list,
    watch: () => watchLeftBehind({ leases, logger }),
  };
}
