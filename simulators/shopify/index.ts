export type { Fault } from "./http/faults.ts";
export type { RecordedRequest } from "./http/record.ts";
export type { App } from "./oauth/grants.ts";
export { type ShopifySimulator, type ShopifySimulatorOptions, startShopifySimulator } from "./server.ts";
export type { Delivery } from "./webhooks/deliveries.ts";
