export { isVendorsToHear } from "@plugboard/plugin-sdk/exchange";
export { createEgressBroker, type EgressBroker } from "./broker.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { EgressConnection, UsableCredential } from "./connection.ts";
export { createHostFetch, type HostFetch, type HostFetchOptions } from "./host-fetch.ts";
export {
  defaultEgressLimits,
  type EgressLimit,
  type EgressLimits,
  type PluginEgressLimits,
} from "./limits.ts";
export type { RequestRecord } from "./metrics.ts";
export { parseEgressRewrite } from "./rewrite.ts";
export {
  type CarriedMessage,
  isUnauthorizedClose,
  type StreamClose,
  StreamEnded,
  type StreamOpening,
  type VendorStream,
} from "./streams/index.ts";
export type { Transformers } from "./transform.ts";
