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
