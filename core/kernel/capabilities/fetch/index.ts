export { createEgressBroker, type EgressBroker, type EgressOptions } from "./broker.ts";
export type { Clock } from "./clock.ts";
export type { EgressConnection } from "./connection.ts";
export type { EgressLimits } from "./limits.ts";
export type { FetchScope } from "./pipeline.ts";
export { parseEgressRewrite } from "./rewrite.ts";
