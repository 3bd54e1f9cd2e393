/** What a plugin may tell a tenant. Those that are not of one event → `events-limit-exceeded`. */
export interface EventLimits {
  /** Of one event's data as JSON, in bytes → `event-too-large`. */
  eventBytes: number;
  /** Events that one call may publish, refused ones too. */
  events: number;
  /** Events of the plugin, in all calls of the tenant. */
  eventsPerMinute: number;
  /** Of all events of the plugin that the tenant's log keeps, with what is kept around each. */
  eventStorageBytes: number;
  /** Keys of items that one trigger of a connection remembers → `trigger-items-limit-exceeded`. */
  triggerItems: number;
}

const KiB = 1024;

export const defaultEventLimits: EventLimits = {
  eventBytes: 64 * KiB,
  events: 100,
  eventsPerMinute: 6_000,
  eventStorageBytes: KiB * KiB * KiB,
  triggerItems: 500_000,
};
