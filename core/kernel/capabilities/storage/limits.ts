/** What the storage of one install may take. The manifest's `storage.maxBytes` counts where it is smaller. */
export interface StorageLimits {
  /** Of all keys and values, in bytes → `storage-quota-exceeded`. */
  storageBytes: number;
  /** Of one value's JSON text, in bytes → `storage-value-too-large`. */
  storageValueBytes: number;
  /** → `storage-too-many-keys`. */
  storageKeys: number;
  /** Operations of one install that this host has under way or waiting → `storage-busy`. */
  storageOperations: number;
}

const MiB = 1024 * 1024;

/** Of values that changes of installs hold in memory: all of them, and those of one tenant → `storage-busy`. */
export const stagedBytes = { hostBytes: 256 * MiB, tenantBytes: 64 * MiB };

export const defaultStorageLimits: StorageLimits = {
  storageBytes: 64 * MiB,
  storageValueBytes: MiB,
  storageKeys: 10_000,
  storageOperations: 256,
};
