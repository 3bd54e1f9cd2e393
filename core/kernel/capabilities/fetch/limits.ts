import { CapabilityError, type CapabilityErrorCode } from "../errors.ts";

/** What the broker spends at most on the requests of one plugin; an operator may change each, for all or for one. */
export interface PluginEgressLimits {
  /** For one request of a plugin with all its redirects and retries, in milliseconds. */
  timeoutMs: number;
  maxRequestBytes: number;
  /** Of the body, counted while it streams in and after decompression. */
  maxResponseBytes: number;
  maxRedirects: number;
  /** Attempts after the first one, over all redirects of a request. */
  maxRetries: number;
  maxInFlightPerPlugin: number;
  /** Of one tenant in the plugin, over all its connections. */
  maxInFlightPerPluginTenant: number;
  maxInFlightPerConnection: number;
  /** Of bodies that the host holds for the plugin at a time, requests and replies together. */
  maxBufferedBytesPerPlugin: number;
  /** The same, of one tenant in the plugin. */
  maxBufferedBytesPerPluginTenant: number;
}

/** These, and what is the whole host's. */
export interface EgressLimits extends PluginEgressLimits {
  maxInFlight: number;
  /** Of one tenant in all plugins. */
  maxInFlightPerTenant: number;
  maxBufferedBytes: number;
}

export type EgressLimit = keyof EgressLimits;

const MiB = 1024 * 1024;

/** Nobody's share is all of what there is: not a connection's, not a tenant's, not a plugin's. */
export const defaultEgressLimits: EgressLimits = {
  timeoutMs: 30_000,
  maxRequestBytes: 10 * MiB,
  maxResponseBytes: 10 * MiB,
  maxRedirects: 5,
  maxRetries: 2,
  maxInFlight: 512,
  maxInFlightPerTenant: 256,
  maxInFlightPerPlugin: 256,
  maxInFlightPerPluginTenant: 128,
  maxInFlightPerConnection: 32,
  maxBufferedBytes: 512 * MiB,
  maxBufferedBytesPerPlugin: 128 * MiB,
  maxBufferedBytesPerPluginTenant: 64 * MiB,
};

/** The refusal of a request that ran into one of the limits, which is counted. */
export class EgressLimitReached extends CapabilityError {
  readonly limit: EgressLimit;

  constructor(limit: EgressLimit, code: CapabilityErrorCode, message: string) {
    super(code, message);
    this.limit = limit;
  }
}
