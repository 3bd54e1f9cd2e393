export type { TestClock } from "./clock.ts";
export {
  createTestHost,
  type EntityAnswer,
  type TestDelivery,
  type TestHost,
  type TestHostOptions,
  type TestRecord,
} from "./create-test-host.ts";
export type { ExchangesOptions } from "./exchanges/index.ts";
export type { LogLine } from "./log-line.ts";
export { PluginFailure } from "./plugin-failure.ts";
export type { PublishedEvent } from "./published-event.ts";
export type { TestRequest } from "./requests.ts";
export type { TestTrigger, TriggerOptions } from "./trigger.ts";
