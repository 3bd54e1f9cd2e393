export type { LogLine } from "../log-line.ts";
export { PluginFailure } from "../plugin-failure.ts";
export type { PublishedEvent } from "../published-event.ts";
export type { ClockSetting } from "./clock-code.ts";
export { completeInput } from "./complete-input.ts";
export { openPluginHost, type PluginHost } from "./plugin-host.ts";
export { createTestEvents } from "./test-events.ts";
export { createTestStorage } from "./test-storage.ts";
