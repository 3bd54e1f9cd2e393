import {
  contributedHooks,
  type HookName,
  type HooksPermission,
  hookOrders,
  hookPoints,
  isHookName,
  type Manifest,
} from "@plugboard/plugin-sdk/manifest";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Changes } from "../changes/index.ts";
import type { HookableInstall, Install, RunnableInstall } from "../plugins/index.ts";

/** One install of a tenant whose plugin has a hook that it may have. */
export interface Subscriber {
  install: RunnableInstall;
  /** What it fails at is refused, not skipped. */
  refuses: boolean;
  /** Why nothing of it can be run, where it may not be left out for that. */
  problem?: unknown;
}

export type Subscriptions = ReadonlyMap<HookName, readonly Subscriber[]>;

export interface Subscribers {
  /** The tenant's active installs with each hook, in the order in which they are run. Empty for most tenants. */
  of(tenantId: string): Subscriptions | Promise<Subscriptions>;
}

interface Held {
  subscriptions: Subscriptions;
  /** When a release could not be looked at: on the clock of Date.now(). */
  retryAt: number;
}

const none: Subscriptions = new Map();
const retryAfterMs = 30_000;
const mostTenants = 10_000;

/**
 * Knows which of a tenant's installs have which hooks, from memory until one of its installs changes: a call of a tenant
 * without hooks costs a look into a map.
 */
export function createSubscribers(options: {
  changes: Changes;
  /** The tenant's active installs that may have hooks, the oldest first. */
  listInstalls(tenantId: string): Promise<HookableInstall[]>;
  manifestOf(install: Install): Promise<Manifest>;
  logger: Logger;
}): Subscribers {
  const { changes, listInstalls, manifestOf, logger } = options;
  const held = new Map<string, Held>();
  /** The looks under way that are not out of date: one for all calls of a tenant. */
  const looks = new Map<string, Promise<Held>>();

  function forgetAll(): void {
    held.clear();
    looks.clear();
  }

  changes.onLost(forgetAll);
  changes.onChange("install", (_, tenantId) => {
    if (tenantId === undefined) return forgetAll();
    held.delete(tenantId);
    looks.delete(tenantId);
  });

  async function load(tenantId: string): Promise<Held> {
    let retryAt = Number.POSITIVE_INFINITY;
    const found = await Promise.all(
      (await listInstalls(tenantId)).map(async ({ install, stated, problem }) => {
        try {
          if (problem !== undefined) throw problem;
          return hooksOf(await manifestOf(install)).map((hook) => ({ ...hook, install }));
        } catch (error) {
          retryAt = Date.now() + retryAfterMs;
          logger.warn(
            { tenantId, installId: install.id, plugin: install.plugin, version: install.version, err: error },
            "whether a plugin has hooks could not be found out, so none of it is run",
          );
          return refusing(stated).map((hook) => ({ ...hook, install, problem: error }));
        }
      }),
    );
    const ordered = found.flat().sort((a, b) => hookOrders.indexOf(a.order) - hookOrders.indexOf(b.order));
    const subscriptions = ordered.length === 0 ? none : Map.groupBy(ordered, ({ name }) => name);
    return { subscriptions, retryAt };
  }

  function keep(tenantId: string, value: Held): void {
    if (held.size >= mostTenants) {
      const oldest = held.keys().next().value;
      if (oldest !== undefined) held.delete(oldest);
    }
    held.set(tenantId, value);
  }

  async function look(tenantId: string): Promise<Subscriptions> {
    // While changes may be missed, nobody gets what somebody else has asked for before.
    const known = changes.connected ? looks.get(tenantId) : undefined;
    if (known) return (await known).subscriptions;
    const loading = load(tenantId);
    if (changes.connected) looks.set(tenantId, loading);
    try {
      const loaded = await loading;
      // What was loaded while something of this tenant changed is used and not kept.
      if (looks.get(tenantId) === loading && changes.connected) keep(tenantId, loaded);
      return loaded.subscriptions;
    } finally {
      if (looks.get(tenantId) === loading) looks.delete(tenantId);
    }
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
  const { names = [], onFailure }: Partial<HooksPermission> = manifest.permissions.hooks ?? {};
  const granted: readonly string[] = names;
  const refuses = onFailure === "refuse";
  return contributedHooks(manifest)
    .filter(({ name }) => granted.includes(name))
    .map((hook) => ({ ...hook, refuses }));
}

/** The hooks that must not be left out though nobody knows what they are: what they would look at is refused. */
function refusing(stated: HooksPermission | undefined) {
  if (stated?.onFailure !== "refuse") return [];
  return stated.names
    .filter(isHookName)
    .filter((name) => hookPoints[name].kind === "waterfall")
    .map((name) => ({ name, order: "normal" as const, refuses: true }));
}
