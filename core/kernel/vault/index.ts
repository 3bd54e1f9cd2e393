export { makeFirstDataKey } from "./data-keys.ts";
export { defineRotationJobs, type RotationJobs } from "./jobs.ts";
export { openVault } from "./open-vault.ts";
export { makeReferenceKey, type ReferenceKeys } from "./reference-key.ts";
export type { Vault } from "./vault.ts";
