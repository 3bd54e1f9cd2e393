export { createTestHost, type TestHost, type TestHostOptions } from "./create-test-host.ts";
export type { LogLine } from "./log-line.ts";
export { PluginFailure } from "./plugin-failure.ts";
export type { PublishedEvent } from "./published-event.ts";
