export { completeInput } from "./complete-input.ts";
export type { LogLine } from "./log-line.ts";
export { PluginFailure } from "./plugin-failure.ts";
export { openPluginHost, type PluginHost } from "./plugin-host.ts";
export type { PublishedEvent } from "./published-event.ts";
export { createTestEvents } from "./test-events.ts";
export { createTestStorage } from "./test-storage.ts";
