export { defaultStorageLimits, type StorageLimits } from "./limits.ts";
export { createPluginStorage, type PluginStorage } from "./plugin-storage.ts";
export type { KeyState, StagedStorage, StageOptions } from "./staged.ts";
