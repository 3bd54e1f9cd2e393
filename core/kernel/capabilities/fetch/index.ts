export { createEgressBroker, type EgressBroker } from "./broker.ts";
export type { Clock } from "./clock.ts";
export type { EgressConnection } from "./connection.ts";
export {
  defaultEgressLimits,
  type EgressLimit,
  type EgressLimits,
  type PluginEgressLimits,
} from "./limits.ts";
export { parseEgressRewrite } from "./rewrite.ts";
