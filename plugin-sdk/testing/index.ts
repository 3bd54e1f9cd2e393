export { createTestHost, type TestHost, type TestHostOptions } from "./create-test-host.ts";
export { type LogLine, PluginFailure, type PublishedEvent } from "./host/index.ts";
