export type { DeliveryAttempt } from "./events/deliver.ts";
export type { Fault } from "./http/faults.ts";
export type { RestrictedKey } from "./http/permissions.ts";
export type { RecordedRequest } from "./http/record.ts";
export type { Buyer } from "./resources/index.ts";
export { type StripeSimulator, type StripeSimulatorOptions, startStripeSimulator } from "./server.ts";
