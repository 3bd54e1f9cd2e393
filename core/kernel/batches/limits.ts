export interface BatchLimits {
  /** Calls of plugins that are under way for batches. */
  hostBatchCalls: number;
  /** Of these, those of one tenant. */
  hostBatchCallsPerTenant: number;
  /** Batches that are under way → `batches-limit-exceeded`. */
  hostBatches: number;
  /** Of these, those of one tenant → `batches-limit-exceeded`. */
  batchesPerTenant: number;
  /** What batches hold of what was asked for and of answers, until these are through, as JSON → `batches-limit-exceeded`. */
  hostBatchBytes: number;
  /** Of these, those of one tenant → `batches-limit-exceeded`. */
  batchBytesPerTenant: number;
  /** After so long a batch begins nothing more → `batch-deadline-exceeded` for what is left. */
  batchMs: number;
}

export const defaultBatchLimits: BatchLimits = {
  hostBatchCalls: 128,
  hostBatchCallsPerTenant: 16,
  hostBatches: 256,
  batchesPerTenant: 8,
  hostBatchBytes: 128 * 1024 * 1024,
  batchBytesPerTenant: 32 * 1024 * 1024,
  batchMs: 60_000,
};
