import type { Logger, Metrics } from "@plugboard/service-kit/observe";
import type { Transformers } from "../capabilities/index.ts";
import type { Changes } from "../changes/index.ts";
import type { LimitReached, PluginSettings } from "../limits/index.ts";
import type { Installs, PluginRunner } from "../plugins/index.ts";
import type { HookChanges } from "./hook-changes.ts";
import { createHooks, type Hooks } from "./hooks.ts";
import { createHookMetrics } from "./metrics.ts";
import { createObservers } from "./observers.ts";
import { createSubscribers } from "./subscribers.ts";
import { createTransformers } from "./transformers.ts";

/** The hooks of the host, put together from their parts. */
export function openHooks(options: {
  installs: Pick<Installs, "hookable" | "manifest">;
  changes: Changes;
  runner: Pick<PluginRunner, "runHook">;
  hookChanges: HookChanges;
  settings: Pick<PluginSettings, "limits" | "host">;
  limitReached: LimitReached;
  metrics: Metrics;
  logger: Logger;
}): Hooks & { transformers: Transformers; close(graceMs: number): Promise<void> } {
  const { installs, changes, metrics, logger, settings, ...rest } = options;
  const observers = createObservers({
    most: settings.host.hostObservers,
    onError: (err) => logger.error({ err }, "what observes calls failed in the host"),
  });
  const subscribers = createSubscribers({
    changes,
    listInstalls: installs.hookable,
    manifestOf: installs.manifest,
    logger,
  });
  const count = createHookMetrics(metrics);
  const hooks = createHooks({ ...rest, subscribers, observers, count, settings, logger });
  return {
    ...hooks,
    transformers: createTransformers(hooks, settings.host),
    close: (graceMs) => observers.close(graceMs),
  };
}
