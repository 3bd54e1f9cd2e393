export type { Limit } from "./limit.ts";
export { createLimitMetrics, type LimitReached } from "./limit-metrics.ts";
export { createPluginSettings, nameOfEgressLimit, type PluginSettings } from "./plugin-settings.ts";
export {
  PluginSettingsError,
  type PluginSettingsFile,
  readPluginSettings,
} from "./settings-file.ts";
export { type LimitName, type Limits, limitGroups, limitOfCode, limitTable } from "./table.ts";
