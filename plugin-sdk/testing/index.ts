// The types stand in files of their own: authors get these, and none of the sandbox's.

export {
  createTestHost,
  type EntityAnswer,
  type TestHost,
  type TestHostOptions,
  type TestRecord,
} from "./create-test-host.ts";
export type { ExchangesOptions } from "./exchanges-options.ts";
export type { HeldFiles } from "./held-files.ts";
export type { LogLine } from "./log-line.ts";
export { PluginFailure } from "./plugin-failure.ts";
export type { PublishedEvent } from "./published-event.ts";
export type { TestWrite, TestWriteOutcome } from "./test-batch.ts";
export type { TestClock } from "./test-clock.ts";
export type { ReceivedDelivery, TestDelivery } from "./test-delivery.ts";
export type { TestRequest } from "./test-request.ts";
export type { TestStream } from "./test-stream.ts";
export type { TestTrigger, TriggerOptions } from "./test-trigger.ts";
