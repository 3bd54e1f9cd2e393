export {
  createDatabaseShare,
  type DatabaseShare,
  type DatabaseShareLimits,
  defaultDatabaseShareLimits,
} from "./database-share.ts";
export { CapabilityError, type CapabilityErrorCode, capabilityErrors } from "./errors.ts";
export {
  createPluginEvents,
  defaultEventLimits,
  type EventLimits,
  type PluginEvents,
  type StagedEvents,
} from "./events/index.ts";
export {
  type CarriedMessage,
  type Clock,
  createEgressBroker,
  createHostFetch,
  defaultEgressLimits,
  type EgressBroker,
  type EgressConnection,
  type EgressLimit,
  type EgressLimits,
  type HostFetch,
  type HostFetchOptions,
  isUnauthorizedClose,
  isVendorsToHear,
  type PluginEgressLimits,
  parseEgressRewrite,
  type RequestRecord,
  type StreamClose,
  StreamEnded,
  type StreamOpening,
  systemClock,
  type Transformers,
  type UsableCredential,
  type VendorStream,
} from "./fetch/index.ts";
export {
  createFiles,
  createPluginFiles,
  defaultFileLimits,
  defaultHostFileLimits,
  type FileLimits,
  type Files,
  type FileWriter,
  type HostFileLimits,
  type PluginFiles,
  pruneFiles,
  type StoredFile,
} from "./files/index.ts";
export { type LogLimits, logCapability } from "./log.ts";
export type { OpenCapability } from "./open-capability.ts";
export {
  createPluginStorage,
  defaultStorageLimits,
  type KeyState,
  type PluginStorage,
  type StagedStorage,
  type StageOptions,
  type StorageLimits,
} from "./storage/index.ts";
