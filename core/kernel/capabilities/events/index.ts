export { defaultEventLimits, type EventLimits } from "./limits.ts";
export { createPluginEvents, type PluginEvents } from "./plugin-events.ts";
export type { StagedEvents } from "./staged.ts";
