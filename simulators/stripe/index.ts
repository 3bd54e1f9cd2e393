export type { RecordedRequest } from "./http/record.ts";
export { type StripeSimulator, type StripeSimulatorOptions, startStripeSimulator } from "./server.ts";
