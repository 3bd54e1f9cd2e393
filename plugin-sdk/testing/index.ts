export {
  createTestHost,
  type LogLine,
  PluginFailure,
  type TestHost,
  type TestHostOptions,
} from "./create-test-host.ts";
export type { PublishedEvent } from "./published-event.ts";
