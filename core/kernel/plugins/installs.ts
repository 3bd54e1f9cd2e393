import type { HooksPermission, Manifest } from "@plugboard/plugin-sdk/manifest";
import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase, InstallStatus, UpdateChannel } from "../../tables.ts";
import { type Changes, createCachedLookup } from "../changes/index.ts";
import type { PageRequest } from "../paging.ts";
import type { ActivePlugins } from "./active-plugins.ts";
import { type Install, installNotFound, notActive, releaseOf, toInstall } from "./install.ts";
import type { HistoryEntry, InstallRequest, Lifecycle } from "./lifecycle/index.ts";
import * as queries from "./queries.ts";
import { statedHooks } from "./receipt.ts";
import { createCheckStored } from "./stored-receipt.ts";
import type { RegistryTrust } from "./trust/index.ts";

export type { Install } from "./install.ts";
export { releaseOf } from "./install.ts";

export interface InstallChange {
  /** Another version to run: an upgrade, or one further down. */
  range?: string;
  consent?: string;
  status?: InstallStatus;
  /** How far it follows the plugin by itself. Said again, it lets what failed be tried once more. */
  channel?: UpdateChannel;
}

/** An install that may have hooks. */
export interface HookableInstall {
  install: Install;
  /** What its consent says of hooks, where the row repeats that. */
  stated?: HooksPermission | undefined;
  /** Its row is not what its receipt says: nothing of it is run. */
  problem?: unknown;
}

export interface Installs {
  /** @throws see `Lifecycle.create` */
  create(tenantId: string, request: InstallRequest): Promise<Install>;
  /** @param only `update`: those for which there is a newer version */
  list(tenantId: string, page: PageRequest, only?: "update"): Promise<Install[]>;
  /** From memory when nothing changed. @throws `install-not-found` */
  get(tenantId: string, id: string): Promise<Install>;
  /** @throws `install-not-found`, and see `Lifecycle.changeVersion` */
  update(tenantId: string, id: string, change: InstallChange): Promise<Install>;
  /** Back to the version before. @throws `install-not-found`, and see `Lifecycle.rollBack` */
  rollBack(tenantId: string, id: string): Promise<Install>;
  /** Oldest first. @throws `install-not-found` */
  history(tenantId: string, id: string, page: PageRequest): Promise<HistoryEntry[]>;
  /** @throws `install-not-found`, and see `Lifecycle.remove` */
  remove(tenantId: string, id: string, how: { isForced: boolean }): Promise<void>;
  /** Which of `plugins` the tenant has. */
  ofPlugins(
    tenantId: string,
    plugins: string[],
  ): Promise<Pick<Install, "id" | "plugin" | "version" | "status">[]>;
  /** The tenant's active installs that may have hooks, the oldest first. */
  hookable(tenantId: string): Promise<HookableInstall[]>;
  /** The manifest of the version that the install runs. */
  manifest(install: Install): Promise<Manifest>;
}

/** What tenants have installed: read here, changed by the lifecycle. */
export function createInstalls(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  activePlugins: Pick<ActivePlugins, "get">;
  trust: Pick<RegistryTrust, "onlineKeys">;
  lifecycle: Lifecycle;
  registry: Pick<RegistryClient, "getInstall">;
  logger: Logger;
}): Installs {
  const { db, changes, activePlugins, trust, lifecycle, registry, logger } = options;

  const checkStored = createCheckStored({ db, registry, trust });
  const installs = createCachedLookup({
    changes,
    topic: "install",
    async load(id) {
      const row = await queries.findInstall(db, id);
      if (!row) return undefined;
      await checkStored(row);
      return toInstall(row);
    },
  });

  async function own(tenantId: string, id: string): Promise<Install> {
    const install = await installs.get(id);
    if (install?.tenantId !== tenantId) throw installNotFound(id);
    return install;
  }

  /** At once, whatever else is under way: switching off must not have to wait. */
  async function setStatus({ tenantId, id }: Install, status: InstallStatus): Promise<Install> {
    const row = await changes.transaction(db, async (tx, announce) => {
      await announce("install", id, tenantId);
      return queries.setInstallStatus(tx, tenantId, id, status);
    });
    if (!row) throw installNotFound(id);
    return toInstall(row);
  }

  async function setChannel({ tenantId, id }: Install, channel: UpdateChannel): Promise<Install> {
    const row = await changes.transaction(db, async (tx, announce) => {
      await announce("install", id, tenantId);
      const changed = await queries.setInstallChannel(tx, tenantId, id, channel);
      if (changed) await queries.forgetUpdate(tx, tenantId, id, null);
      return changed;
    });
    if (!row) throw installNotFound(id);
    return toInstall(row);
  }

  return {
    create: lifecycle.create,

    async list(tenantId, page, only) {
      return (await queries.listInstalls(db, tenantId, page, only)).map(toInstall);
    },

    get: own,

    async update(tenantId, id, { status, range, consent, channel }) {
      let install = await own(tenantId, id);
      if (range === undefined && status === "active" && install.policyRefusal?.stops)
        throw notActive(install);
      if (range !== undefined) {
        const wish = { range, ...(consent !== undefined && { consent }) };
        install = await lifecycle.changeVersion(install, {
          ...wish,
          ...(status !== undefined && { status }),
        });
      } else if (status !== undefined) {
        install = await setStatus(install, status);
      }
      if (channel === undefined) return install;
      // Last: a change of version that is refused leaves all as it was.
      const { warnings } = install;
      return { ...(await setChannel(install, channel)), ...(warnings && { warnings }) };
    },

    async rollBack(tenantId, id) {
      return lifecycle.rollBack(await own(tenantId, id));
    },

    async history(tenantId, id, page) {
      await own(tenantId, id);
      return lifecycle.history(tenantId, id, page);
    },

    async remove(tenantId, id, how) {
      await lifecycle.remove(await own(tenantId, id), how);
    },

    ofPlugins: (tenantId, plugins) => queries.listInstallsOfPlugins(db, tenantId, plugins),

    async hookable(tenantId) {
      const found = await Promise.all(
        (await queries.listActiveInstalls(db, tenantId)).map(async (row): Promise<HookableInstall[]> => {
          if (row.policy_refusal?.stops) return [];
          const install = toInstall(row);
          const stated = statedHooks(row);
          try {
            await checkStored(row);
            // One that does not say what it may have is looked into.
            return stated === null ? [] : [{ install, stated }];
          } catch (problem) {
            logger.error(
              { tenantId, installId: row.id, err: problem },
              "an install is not what its receipt says",
            );
            return [{ install, stated: stated ?? undefined, problem }];
          }
        }),
      );
      return found.flat();
    },

    async manifest(install) {
      return (await activePlugins.get(releaseOf(install))).manifest;
    },
  };
}
