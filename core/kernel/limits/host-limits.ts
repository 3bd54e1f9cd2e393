import { type BatchLimits, defaultBatchLimits } from "../batches/index.ts";
import {
  type DatabaseShareLimits,
  defaultDatabaseShareLimits,
  defaultEventLimits,
  defaultFileLimits,
  defaultHostFileLimits,
  defaultStorageLimits,
  type EventLimits,
  type FileLimits,
  type HostFileLimits,
  type StorageLimits,
} from "../capabilities/index.ts";
import { defaultHookLimits, type HookLimits } from "../hooks/index.ts";
import { bytes, count, GiB, hourMs, KiB, type Limit, MiB, minuteMs, ms } from "./limit.ts";

/** The smaller of this and the manifest's `storage.maxBytes` counts. */
export const storageLimits: Record<keyof StorageLimits, Limit> = {
  storageBytes: bytes({
    default: defaultStorageLimits.storageBytes,
    range: [0, 1024 * MiB],
    code: "storage-quota-exceeded",
    meaning:
      "keys and values of one install; where the manifest's `storage.maxBytes` is smaller, that counts",
  }),
  storageValueBytes: bytes({
    default: defaultStorageLimits.storageValueBytes,
    range: [1, 16 * MiB],
    code: "storage-value-too-large",
    meaning: "one value, as JSON",
  }),
  storageKeys: count({
    default: defaultStorageLimits.storageKeys,
    range: [0, 1_000_000],
    code: "storage-too-many-keys",
    meaning: "keys of one install",
  }),
  storageOperations: count({
    default: defaultStorageLimits.storageOperations,
    range: [1, 10_000],
    code: "storage-busy",
    meaning: "storage operations of one install that are under way or waiting",
  }),
};

export const fileLimits: Record<keyof (FileLimits & HostFileLimits), Limit> = {
  fileBytes: bytes({
    default: defaultFileLimits.fileBytes,
    range: [KiB, 5 * GiB],
    code: "file-too-large",
    meaning: "one file. What an application puts in is held to what counts for all plugins",
  }),
  files: count({
    default: defaultFileLimits.files,
    range: [0, 1_000_000],
    code: "files-limit-exceeded",
    meaning: "files that the plugin of one install made, unfinished ones too",
  }),
  fileStorageBytes: bytes({
    default: defaultFileLimits.fileStorageBytes,
    range: [0, 1024 * GiB],
    code: "files-limit-exceeded",
    meaning: "all files of one install together",
  }),
  fileMs: ms({
    default: defaultFileLimits.fileMs,
    range: [minuteMs, 30 * 24 * hourMs],
    meaning: "how long a file is kept",
  }),
  fileTransfersPerInstall: count({
    default: defaultFileLimits.fileTransfersPerInstall,
    range: [1, 10_000],
    code: "files-busy",
    meaning:
      "files of one install that are on their way at a time: written by the plugin, from or to a vendor",
  }),
  fileTransfersPerPlugin: count({
    default: defaultFileLimits.fileTransfersPerPlugin,
    range: [1, 100_000],
    code: "files-busy",
    meaning: "the same, of all tenants together that have the plugin",
  }),
  filesPerTenant: count({
    default: defaultHostFileLimits.filesPerTenant,
    range: [0, 10_000_000],
    code: "files-limit-exceeded",
    scope: "host",
    meaning: "files of one tenant, of its applications and its plugins",
  }),
  fileStorageBytesPerTenant: bytes({
    default: defaultHostFileLimits.fileStorageBytesPerTenant,
    range: [0, 1024 * GiB],
    code: "files-limit-exceeded",
    scope: "host",
    meaning: "all files of one tenant together",
  }),
  fileTransfersPerTenant: count({
    default: defaultHostFileLimits.fileTransfersPerTenant,
    range: [1, 10_000],
    code: "files-busy",
    scope: "host",
    meaning: "files of one tenant that are on their way at a time: from or to an application or a vendor",
  }),
  hostFileTransfers: count({
    default: defaultHostFileLimits.hostFileTransfers,
    range: [1, 100_000],
    code: "files-busy",
    scope: "host",
    meaning: "files of all tenants that are on their way at a time; each takes about 2 MiB of memory",
  }),
};

export const eventLimits: Record<keyof EventLimits, Limit> = {
  eventBytes: bytes({
    default: defaultEventLimits.eventBytes,
    range: [1, MiB],
    code: "event-too-large",
    meaning: "one event's data, as JSON",
  }),
  events: count({
    default: defaultEventLimits.events,
    range: [0, 10_000],
    code: "events-limit-exceeded",
    meaning: "events that one call may publish, refused ones too",
  }),
  eventsPerMinute: count({
    default: defaultEventLimits.eventsPerMinute,
    range: [1, 1_000_000],
    code: "events-limit-exceeded",
    meaning: "events of the plugin for one tenant within a minute, of all calls",
  }),
  eventStorageBytes: bytes({
    default: defaultEventLimits.eventStorageBytes,
    range: [0, 1024 * GiB],
    code: "events-limit-exceeded",
    meaning:
      "events of the plugin in one tenant's log, each with 512 bytes for what is kept around it. They go after `PLUGBOARD_EVENT_DAYS`",
  }),
  triggerItems: count({
    default: defaultEventLimits.triggerItems,
    range: [1, 10_000_000],
    code: "trigger-items-limit-exceeded",
    meaning:
      "keys of items that one trigger of a connection remembers; a poll that found more is refused. A key goes 90 days after it was seen last",
  }),
};

export const hookLimits: Record<keyof HookLimits, Limit> = {
  hookMs: ms({
    default: defaultHookLimits.hookMs,
    range: [10, 10 * minuteMs],
    code: "plugin-deadline-exceeded",
    meaning: "wall clock of one hook; where the hook point's own time is shorter, that counts",
  }),
  hookChangeBytes: bytes({
    default: defaultHookLimits.hookChangeBytes,
    range: [0, MiB],
    meaning: "the recorded patch of what one hook changed; of a larger one only the fact is recorded",
  }),
  hookBodyBytes: bytes({
    default: defaultHookLimits.hookBodyBytes,
    range: [0, MiB],
    scope: "host",
    meaning:
      "a request's or reply's body that hooks are handed; of a larger one they see the headers, and that it is there",
  }),
  observersPerTenant: count({
    default: defaultHookLimits.observersPerTenant,
    range: [1, 10_000],
    code: "hook-busy",
    meaning: "observing hooks of one tenant in the plugin that are in flight; further ones are skipped",
  }),
  hostObservers: count({
    default: defaultHookLimits.hostObservers,
    range: [1, 100_000],
    code: "hook-busy",
    scope: "host",
    meaning: "observing hooks in flight of all plugins; further ones are skipped",
  }),
};

/** Of all sandboxes together. */
export const hostLimits = {
  threads: count({
    default: 64,
    range: [1, 10_000],
    code: "plugin-host-busy",
    scope: "host",
    meaning: "threads and processes that run plugins at a time; the one used longest ago goes",
  }),
  threadsPerTenant: count({
    default: 16,
    range: [1, 10_000],
    code: "plugin-host-busy",
    scope: "host",
    meaning: "plugins that one tenant may have calls of in flight at a time; keep it well below `threads`",
  }),
} satisfies Record<string, Limit>;

/** Of accounts at vendors. */
export const connectionLimits = {
  connectionsPerTenant: count({
    default: 10_000,
    range: [1, 10_000_000],
    code: "connections-limit-exceeded",
    scope: "host",
    meaning: "connections of one tenant, to all plugins",
  }),
  authorizationsPerTenant: count({
    default: 500,
    range: [1, 1_000_000],
    code: "authorizations-limit-exceeded",
    scope: "host",
    meaning:
      "links that one tenant may have open for people to connect their accounts with; each is for ten minutes",
  }),
} satisfies Record<string, Limit>;

/** Of many calls in one request. */
export const batchLimits: Record<keyof BatchLimits, Limit> = {
  hostBatchCalls: count({
    default: defaultBatchLimits.hostBatchCalls,
    range: [1, 10_000],
    scope: "host",
    meaning: "calls of plugins that are under way for batches, of all tenants; further ones wait",
  }),
  hostBatchCallsPerTenant: count({
    default: defaultBatchLimits.hostBatchCallsPerTenant,
    range: [1, 10_000],
    scope: "host",
    meaning: "of these, one tenant's; keep it well below `callsPerTenant`. Tenants that wait take turns",
  }),
  hostBatches: count({
    default: defaultBatchLimits.hostBatches,
    range: [1, 100_000],
    code: "batches-limit-exceeded",
    scope: "host",
    meaning: "batches that are under way, of all tenants",
  }),
  batchesPerTenant: count({
    default: defaultBatchLimits.batchesPerTenant,
    range: [1, 10_000],
    code: "batches-limit-exceeded",
    scope: "host",
    meaning: "of these, one tenant's",
  }),
  hostBatchBytes: bytes({
    default: defaultBatchLimits.hostBatchBytes,
    range: [16 * MiB, 64 * GiB],
    code: "batches-limit-exceeded",
    scope: "host",
    meaning:
      "what batches hold, of all tenants, until their answers are through: what was sent and what is answered, as JSON; in memory it takes about five times as much. With what comes beyond that a batch begins nothing more",
  }),
  batchBytesPerTenant: bytes({
    default: defaultBatchLimits.batchBytesPerTenant,
    range: [16 * MiB, 64 * GiB],
    code: "batches-limit-exceeded",
    scope: "host",
    meaning: "of these, those of one tenant's batches",
  }),
  batchMs: ms({
    default: defaultBatchLimits.batchMs,
    range: [10, hourMs],
    code: "batch-deadline-exceeded",
    scope: "host",
    meaning: "after so long a batch begins nothing more; what is under way ends as it would alone",
  }),
};

/** Of the connections to PostgreSQL. */
export const databaseLimits: Record<keyof DatabaseShareLimits, Limit> = {
  hostQueries: count({
    default: defaultDatabaseShareLimits.hostQueries,
    range: [1, 500],
    code: "database-busy",
    scope: "host",
    meaning:
      "operations of plugins' storage and events at the database at a time; never more than half of `PLUGBOARD_DATABASE_CONNECTIONS`. Further ones wait",
  }),
  hostQueriesPerTenant: count({
    default: defaultDatabaseShareLimits.hostQueriesPerTenant,
    range: [1, 500],
    code: "database-busy",
    scope: "host",
    meaning: "of these, one tenant's, in all its plugins. Tenants that wait take turns",
  }),
  hostQueryWaitMs: ms({
    default: defaultDatabaseShareLimits.hostQueryWaitMs,
    range: [10, 10 * minuteMs],
    code: "database-busy",
    scope: "host",
    meaning: "how long such an operation waits for its turn; counted under what it waited for",
  }),
};

/** Of a plugin's versions coming and going. */
export const lifecycleLimits = {
  drainMs: ms({
    default: 30_000,
    range: [0, hourMs],
    code: "plugin-replaced",
    meaning: "how long calls of the old version may go on after an upgrade",
  }),
  rollbackVersions: count({
    default: 5,
    range: [1, 100],
    code: "rollback-unavailable",
    meaning: "how many changes of version can be taken back, one after the other",
  }),
  rollbackBytes: bytes({
    default: 64 * MiB,
    range: [0, 16 * GiB],
    code: "rollback-unavailable",
    meaning:
      "what is kept of an install's storage for taking them back; the last one is kept whatever it takes",
  }),
  quarantineCrashes: count({
    default: 8,
    range: [1, 1_000],
    code: "plugin-quarantined",
    meaning:
      "crashes within `crashWindowMs` after which a version is quarantined, for the tenant that caused them",
  }),
  quarantineTenants: count({
    default: 3,
    range: [1, 100_000],
    code: "plugin-quarantined",
    meaning:
      "for all tenants it is quarantined only if at least so many of them caused those crashes, each by itself",
  }),
  quarantinePercent: count({
    default: 25,
    range: [1, 100],
    code: "plugin-quarantined",
    meaning: "and they are so large a part, in percent, of the tenants that have the version",
  }),
} satisfies Record<string, Limit>;
