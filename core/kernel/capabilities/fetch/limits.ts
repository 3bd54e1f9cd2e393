import { CapabilityError, type CapabilityErrorCode } from "../errors.ts";

/** What the broker spends at most on the requests of one plugin; an operator may change each, for all or for one. */
export interface PluginEgressLimits {
  /** For one request of a plugin with all its redirects and retries, in milliseconds. */
  timeoutMs: number;
  maxRequestBytes: number;
  /** Of the body, counted while it streams in and after decompression. */
  maxResponseBytes: number;
  maxRedirects: number;
  /** Attempts after the first one, over all redirects of a request; a plugin may want fewer. */
  maxRetries: number;
  maxInFlightPerPlugin: number;
  /** Of one tenant in the plugin, over all its connections. */
  maxInFlightPerPluginTenant: number;
  maxInFlightPerConnection: number;
  /** How long a request waits for its turn, in milliseconds; never longer than `timeoutMs`. */
  maxQueueMs: number;
  /** Requests that wait for their turn. 0: none waits, and what has no turn is refused. */
  maxQueuedPerConnection: number;
  maxQueuedPerPluginTenant: number;
  maxQueuedPerPlugin: number;
  /** Of bodies that the host holds for the plugin at a time, requests and replies together. */
  maxBufferedBytesPerPlugin: number;
  /** The same, of one tenant in the plugin. */
  maxBufferedBytesPerPluginTenant: number;
  /** Sockets of streams that are open, or being opened. */
  maxStreamsPerPlugin: number;
  maxStreamsPerPluginTenant: number;
  maxStreamMessageBytes: number;
  /** Over one socket, pings counted too: what comes faster is left at the vendor. */
  maxStreamMessagesPerSecond: number;
  /** Of one socket, read ahead while the plugin works. */
  maxStreamQueuedMessages: number;
  maxStreamQueuedBytes: number;
  /** A socket over which nothing was heard for so long, not even the answer to a ping, is given up. */
  streamSilenceMs: number;
}

/** These, and what is the whole host's. */
export interface EgressLimits extends PluginEgressLimits {
  maxInFlight: number;
  /** Of one tenant in all plugins. */
  maxInFlightPerTenant: number;
  maxQueued: number;
  maxBufferedBytes: number;
  maxStreams: number;
  /** Of one tenant in all plugins. */
  maxStreamsPerTenant: number;
  /** Of replies that are kept in memory, as declared. */
  maxCacheBytes: number;
  maxCacheBytesPerConnection: number;
}

export type EgressLimit = keyof EgressLimits;

const MiB = 1024 * 1024;

/** Nobody's share is all of what there is: not a connection's, not a tenant's, not a plugin's. */
export const defaultEgressLimits: EgressLimits = {
  timeoutMs: 30_000,
  maxRequestBytes: 10 * MiB,
  maxResponseBytes: 10 * MiB,
  maxRedirects: 5,
  maxRetries: 5,
  maxInFlight: 512,
  maxInFlightPerTenant: 256,
  maxInFlightPerPlugin: 256,
  maxInFlightPerPluginTenant: 128,
  maxInFlightPerConnection: 32,
  maxQueueMs: 15_000,
  maxQueued: 20_000,
  maxQueuedPerPlugin: 5_000,
  maxQueuedPerPluginTenant: 1_000,
  maxQueuedPerConnection: 256,
  maxCacheBytes: 64 * MiB,
  maxCacheBytesPerConnection: 4 * MiB,
  maxBufferedBytes: 512 * MiB,
  maxBufferedBytesPerPlugin: 128 * MiB,
  maxBufferedBytesPerPluginTenant: 64 * MiB,
  maxStreams: 2_000,
  maxStreamsPerTenant: 500,
  maxStreamsPerPlugin: 1_000,
  maxStreamsPerPluginTenant: 100,
  maxStreamMessageBytes: MiB,
  maxStreamMessagesPerSecond: 200,
  maxStreamQueuedMessages: 256,
  maxStreamQueuedBytes: MiB,
  streamSilenceMs: 90_000,
};

/** The refusal of a request that ran into one of the limits, which is counted. */
export class EgressLimitReached extends CapabilityError {
  readonly limit: EgressLimit;

  constructor(limit: EgressLimit, code: CapabilityErrorCode, message: string) {
    super(code, message);
    this.limit = limit;
  }
}
