export { capabilityErrors } from "./errors.ts";
export {
  type Clock,
  createEgressBroker,
  type EgressBroker,
  type EgressConnection,
  type EgressLimits,
  parseEgressRewrite,
} from "./fetch/index.ts";
export { type LogLimits, logCapability } from "./log.ts";
export type { OpenCapability } from "./open-capability.ts";
