/** What a host allows where its operator says nothing else; the same codes stand for them there. */
export const hostLimits = {
  /** Of one value as JSON. */
  storageValueBytes: 1024 * 1024,
  storageKeys: 10_000,
  /** Of one file. */
  fileBytes: 100 * 1024 * 1024,
  /** Of one event's data as JSON. */
  eventBytes: 64 * 1024,
  eventsPerCall: 100,
  /** Of a batch, until it begins nothing more. */
  batchMs: 60_000,
} as const;
