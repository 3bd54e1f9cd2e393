export { CapabilityError, type CapabilityErrorCode, capabilityErrors } from "./errors.ts";
export {
  type Clock,
  createEgressBroker,
  type EgressBroker,
  type EgressConnection,
  type EgressLimits,
  type EgressOptions,
  type FetchScope,
  parseEgressRewrite,
} from "./fetch/index.ts";
export { type LogLimits, logCapability } from "./log.ts";
