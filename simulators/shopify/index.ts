export type { Fault } from "./http/faults.ts";
export type { RecordedRequest } from "./http/record.ts";
export { type ShopifySimulator, type ShopifySimulatorOptions, startShopifySimulator } from "./server.ts";
