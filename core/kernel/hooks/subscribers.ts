import { contributedHooks, type HookName, hookOrders, type Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Changes } from "../changes/index.ts";
import type { Install, RunnableInstall } from "../plugins/index.ts";

/** One install of a tenant whose plugin has a hook that it may have. */
export interface Subscriber {
  install: RunnableInstall;
}

type Subscriptions = ReadonlyMap<HookName, readonly Subscriber[]>;

export interface Subscribers {
  /** The tenant's active installs with each hook, in the order in which they are run. Empty for most tenants. */
  of(tenantId: string): Subscriptions | Promise<Subscriptions>;
}

interface Held {
  subscriptions: Subscriptions;
  installIds: readonly string[];
  /** When a release could not be looked at: on the clock of Date.now(). */
  retryAt: number;
}

const none: Subscriptions = new Map();
const retryAfterMs = 30_000;
const mostTenants = 10_000;

/**
 * Knows which of a tenant's installs have which hooks, from memory until an install changes: a call of a tenant
 * without hooks costs a look into a map.
 */
export function createSubscribers(options: {
  changes: Changes;
  /** The tenant's active installs, the oldest first. */
  listInstalls(tenantId: string): Promise<Install[]>;
  manifestOf(install: Install): Promise<Manifest>;
  logger: Logger;
}): Subscribers {
  const { changes, listInstalls, manifestOf, logger } = options;
  const held = new Map<string, Held>();
  const tenantOf = new Map<string, string>();
  // What was loaded while something changed is used once and not kept.
  let generation = 0;

  function forgetAll(): void {
    generation += 1;
    held.clear();
    tenantOf.clear();
  }

  function forget(tenantId: string): void {
    for (const id of held.get(tenantId)?.installIds ?? []) tenantOf.delete(id);
    held.delete(tenantId);
  }

  changes.onLost(forgetAll);
  changes.onChange("install", (id) => {
    generation += 1;
    const tenantId = tenantOf.get(id);
    // An install that nobody here knows may be any tenant's new one.
    if (tenantId === undefined) forgetAll();
    else forget(tenantId);
  });

  async function load(tenantId: string): Promise<Held> {
    const installs = await listInstalls(tenantId);
    let retryAt = Number.POSITIVE_INFINITY;
    const found = await Promise.all(
      installs.map(async (install) => {
        try {
          return hooksOf(await manifestOf(install)).map((hook) => ({ ...hook, install }));
        } catch (error) {
          retryAt = Date.now() + retryAfterMs;
          logger.warn(
            { tenantId, installId: install.id, plugin: install.plugin, version: install.version, err: error },
            "whether a plugin has hooks could not be found out, so none of it is run",
          );
          return [];
        }
      }),
    );
    const ordered = found.flat().sort((a, b) => hookOrders.indexOf(a.order) - hookOrders.indexOf(b.order));
    const subscriptions = ordered.length === 0 ? none : Map.groupBy(ordered, ({ name }) => name);
    return { subscriptions, installIds: installs.map(({ id }) => id), retryAt };
  }

  function keep(tenantId: string, value: Held): void {
    if (held.size >= mostTenants) {
      const oldest = held.keys().next().value;
      if (oldest !== undefined) forget(oldest);
    }
    held.set(tenantId, value);
    for (const id of value.installIds) tenantOf.set(id, tenantId);
  }

  async function look(tenantId: string): Promise<Subscriptions> {
    const startedAt = generation;
    const wasConnected = changes.connected;
    const loaded = await load(tenantId);
    if (wasConnected && changes.connected && startedAt === generation) keep(tenantId, loaded);
    return loaded.subscriptions;
  }

  return {
    of(tenantId) {
      const known = held.get(tenantId);
      return known && known.retryAt > Date.now() ? known.subscriptions : look(tenantId);
    },
  };
}

/** What the code has and the tenant agreed to; the manifest is the one that its consent is about. */
function hooksOf(manifest: Manifest) {
  const granted: readonly string[] = manifest.permissions.hooks?.names ?? [];
  return contributedHooks(manifest).filter(({ name }) => granted.includes(name));
}
