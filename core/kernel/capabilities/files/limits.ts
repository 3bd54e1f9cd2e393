/** What files may take. Those of one plugin; an application's own are held to what counts for all plugins. */
export interface FileLimits {
  /** Of one file → `file-too-large`. */
  fileBytes: number;
  /** Files of one install → `files-limit-exceeded`. */
  files: number;
  /** Of all files of one install, in bytes → `files-limit-exceeded`. */
  fileStorageBytes: number;
  /** How long a file is kept once it is whole. */
  fileMs: number;
  /** Files of one install that are on their way through this host, in or out → `files-busy`. */
  fileTransfersPerInstall: number;
  /** The same, of all tenants that have the plugin. */
  fileTransfersPerPlugin: number;
}

/** Those of the whole host. */
export interface HostFileLimits {
  /** → `files-limit-exceeded`, as the next. */
  filesPerTenant: number;
  fileStorageBytesPerTenant: number;
  /** Files of one tenant that are on their way through this host, in or out → `files-busy`. */
  fileTransfersPerTenant: number;
  /** The same, of all tenants. */
  hostFileTransfers: number;
}

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

export const defaultFileLimits: FileLimits = {
  fileBytes: 100 * MiB,
  files: 1_000,
  fileStorageBytes: GiB,
  fileMs: 24 * 60 * 60_000,
  fileTransfersPerInstall: 12,
  fileTransfersPerPlugin: 32,
};

export const defaultHostFileLimits: HostFileLimits = {
  filesPerTenant: 10_000,
  fileStorageBytesPerTenant: 4 * GiB,
  fileTransfersPerTenant: 16,
  hostFileTransfers: 64,
};
