export {
  createTestHost,
  type EntityAnswer,
  type TestDelivery,
  type TestHost,
  type TestHostOptions,
  type TestRecord,
} from "./create-test-host.ts";
export { type LogLine, PluginFailure, type PublishedEvent } from "./host/index.ts";
