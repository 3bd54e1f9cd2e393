import type { HttpMethod } from "./types.ts";

/** How the host paces, repeats, keeps and gives up requests to the vendor. What is not said is at its default. */
export interface RequestsDeclaration {
  /** What the vendor allows. A request waits until each limit that fits it lets it pass. */
  limits?: RateLimit[];
  /** Where the vendor speaks GraphQL: a POST without a mutation there only reads, so it may be repeated. */
  graphql?: { paths: string[] };
  retries?: RetryPolicy;
  /** `false`: requests go on however often they fail. */
  circuitBreaker?: CircuitBreakerPolicy | false;
  /** What may be answered from memory. The first rule that fits counts. */
  cache?: CacheRule[];
}

/** Which requests are meant. What is absent fits all. */
export interface RequestMatch {
  /** Hosts as `permissions.network` writes them. */
  hosts?: string[];
  methods?: HttpMethod[];
  paths?: string[];
}

export type RateLimit = WindowLimit | TokenBucketLimit | ConcurrencyLimit;

interface RateLimitBase extends RequestMatch {
  /** Whose requests count together: a connection's (the default), a tenant's in this plugin, or all of the plugin's. */
  per?: "connection" | "tenant" | "plugin";
  /** Counts for limits of a connection only: what they share is not for the vendor of one of them to say. */
  reported?: ReportedState;
}

/** So many requests within a time: in any time as long (`sliding-window`), or in one that begins with a request. */
export interface WindowLimit extends RateLimitBase {
  type: "sliding-window" | "fixed-window";
  requests: number;
  seconds: number;
}

/** A burst of up to `capacity` points, refilled steadily. */
export interface TokenBucketLimit extends RateLimitBase {
  type: "token-bucket";
  capacity: number;
  refillPerSecond: number;
  /** Points that one request takes until the vendor says what it cost. Default 1. */
  cost?: number;
}

/** So many requests at a time. */
export interface ConcurrencyLimit extends RequestMatch {
  type: "concurrency";
  per?: "connection" | "tenant" | "plugin";
  requests: number;
}

/**
 * Where the vendor's replies say how the limit stands: `header:<name>`, or a JSON Pointer into the body. Each is a number;
 * `used` may also be one of the form `32/40`, which says the limit as well.
 */
export interface ReportedState {
  limit?: string;
  remaining?: string;
  used?: string;
  /** When there is all of it again: seconds from now, or a time since 1970 in seconds or milliseconds. */
  reset?: string;
  refillPerSecond?: string;
  /** What this request has cost. */
  cost?: string;
  /**
   * What there had to be for this request to be run, where that is more than it costs in the end. Of a `token-bucket`: the
   * next request of its kind waits until there is so much.
   */
  asked?: string;
}

export interface RetryPolicy {
  /** Attempts after the first one; the operator's `fetchRetries` is the most. Default 2. */
  most?: number;
  /** How the pauses grow. Default `exponential`. */
  backoff?: "fixed" | "linear" | "exponential";
  /** The first pause. Default 250. */
  delayMs?: number;
  /** The longest pause of the host's own making. Default 8000. */
  maxDelayMs?: number;
  /** How much of a pause is left to chance: nothing, half of it, or all. Default `half`. */
  jitter?: "none" | "half" | "full";
  /** Default 429, 502, 503, 504. */
  statuses?: number[];
  /** Default both: the vendor could not be reached; it broke off before its reply was complete. */
  failures?: ("unreachable" | "broken-off")[];
  /** Replies that refuse, besides those of `statuses`. */
  replies?: ReplyMatch[];
  /** The header by which the vendor knows a write that it has seen before. Absent: no POST or PATCH is sent twice. */
  idempotencyKey?: {
    header: string;
    /** The host makes one up for a POST or PATCH that has none, so that it can be repeated. */
    generate?: boolean;
  };
}

/** Which replies are meant: by what their body says, whatever their status, or by their status, or by both. */
export interface ReplyMatch {
  /** A JSON Pointer into the body. What stands there is one of `is`. */
  at?: string;
  is?: (string | number)[];
  /** One of these. Alone only with `nothingDone`, and of 400 to 499 without 408 then. */
  statuses?: number[];
  /**
   * The vendor has not carried out any of what such a reply refuses. So a POST or PATCH that was refused is sent again too,
   * also without a key. It is the author's word: where a vendor answers so after it has done something, that is done twice.
   */
  nothingDone?: boolean;
}

/** Of one connection at one host: after too many failures it is left alone for a while, then tried with one request. */
export interface CircuitBreakerPolicy {
  /** Default 50. */
  failurePercent?: number;
  /** Below so many requests within the window it stays closed. Default 20. */
  minRequests?: number;
  /** Default 30. */
  windowSeconds?: number;
  /** Default 15. */
  openSeconds?: number;
  /** What counts as a failure besides no reply at all. Default 500, 502, 503, 504. */
  statuses?: number[];
}

/** Replies to GET that are kept for this connection, as long as the vendor says (RFC 9111). */
export interface CacheRule {
  hosts?: string[];
  paths: string[];
  /** How long a reply is fresh of which the vendor does not say it. Absent: such a reply is not kept. */
  defaultSeconds?: number;
}
