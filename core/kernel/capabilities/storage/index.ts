export { defaultStorageLimits, type StorageLimits } from "./limits.ts";
export { createPluginStorage, type PluginStorage } from "./plugin-storage.ts";
export { type KeyState, type StagedStorage, type StageOptions, stageStorage } from "./staged.ts";
