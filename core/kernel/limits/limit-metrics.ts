import type { Metrics } from "@plugboard/service-kit/observe";
import type { LimitName } from "./table.ts";

/** Says that a plugin ran into a limit. */
export type LimitReached = (pluginId: string, limit: LimitName) => void;

/** Both labels come from closed lists: published plugins, and the table of limits. */
export function createLimitMetrics(metrics: Metrics): LimitReached {
  const reached = metrics.counter({
    name: "plugboard_plugin_limit_reached_total",
    help: "How often a plugin ran into one of its limits.",
    labelNames: ["plugin", "limit"],
  });
  return (plugin, limit) => reached.inc({ plugin, limit });
}
