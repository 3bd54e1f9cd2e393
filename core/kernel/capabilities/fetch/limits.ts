/** What the broker spends at most; an operator may change each. */
export interface EgressLimits {
  /** For one request of a plugin with all its redirects and retries, in milliseconds. */
  timeoutMs: number;
  maxRequestBytes: number;
  /** Of the body, counted while it streams in and after decompression. */
  maxResponseBytes: number;
  maxRedirects: number;
  /** Attempts after the first one, over all redirects of a request. */
  maxRetries: number;
  maxInFlight: number;
  maxInFlightPerPlugin: number;
  maxInFlightPerConnection: number;
}

const MiB = 1024 * 1024;

export const defaultEgressLimits: EgressLimits = {
  timeoutMs: 30_000,
  maxRequestBytes: 10 * MiB,
  maxResponseBytes: 10 * MiB,
  maxRedirects: 5,
  maxRetries: 2,
  maxInFlight: 512,
  maxInFlightPerPlugin: 256,
  maxInFlightPerConnection: 32,
};
