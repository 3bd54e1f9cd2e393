export { createEgressBroker, type EgressBroker } from "./broker.ts";
export type { Clock } from "./clock.ts";
export type { EgressConnection } from "./connection.ts";
export type { EgressLimits } from "./limits.ts";
export { parseEgressRewrite } from "./rewrite.ts";
