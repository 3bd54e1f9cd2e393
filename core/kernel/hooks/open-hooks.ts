import type { Logger, Metrics } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { Changes } from "../changes/index.ts";
import type { LimitReached, PluginSettings } from "../limits/index.ts";
import type { ActivePlugins, PluginRunner } from "../plugins/index.ts";
import type { HookChanges } from "./hook-changes.ts";
import { createHooks, type Hooks } from "./hooks.ts";
import { createHookMetrics } from "./metrics.ts";
import { createObservers } from "./observers.ts";
import { listActiveInstalls } from "./queries.ts";
import { createSubscribers } from "./subscribers.ts";

/** The hooks of the host, put together from their parts. */
export function openHooks(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  activePlugins: Pick<ActivePlugins, "get">;
  runner: Pick<PluginRunner, "runHook">;
  hookChanges: HookChanges;
  settings: Pick<PluginSettings, "limits" | "host">;
  limitReached: LimitReached;
  metrics: Metrics;
  logger: Logger;
}): Hooks & { close(graceMs: number): Promise<void> } {
  const { db, changes, activePlugins, metrics, logger, settings, ...rest } = options;
  const observers = createObservers({
    most: settings.host.hostObservers,
    onError: (err) => logger.error({ err }, "what observes calls failed in the host"),
  });
  const subscribers = createSubscribers({
    changes,
    listInstalls: (tenantId) => listActiveInstalls(db, tenantId),
    manifestOf: async (install) => (await activePlugins.get(install)).manifest,
    logger,
  });
  const count = createHookMetrics(metrics);
  const hooks = createHooks({ ...rest, subscribers, observers, count, settings, logger });
  return { ...hooks, close: (graceMs) => observers.close(graceMs) };
}
