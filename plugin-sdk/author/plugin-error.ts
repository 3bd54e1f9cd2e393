/**
 * What went wrong, in terms that the host knows how to handle:
 * - `invalid-input`: the caller's input cannot be used; not retried;
 * - `unauthorized`: the vendor refused the credential; after a 401 the host soon looks at the connection;
 * - `forbidden`: the credential is good, and may not do this; another one of the same account would not help;
 * - `not-found`, `conflict`: as the vendor said;
 * - `rate-limited`: retried after `retryAfterMs`;
 * - `vendor-error`: the vendor refused for a reason of its own; not retried;
 * - `vendor-unavailable`: the vendor is down or slow; retried.
 */
export type PluginErrorCode =
  | "invalid-input"
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "rate-limited"
  | "vendor-error"
  | "vendor-unavailable";

/** What a {@link PluginError} says besides its message. */
export interface PluginErrorOptions extends ErrorOptions {
  /** More about it for the caller: plain JSON, nothing secret. */
  details?: unknown;
  retryAfterMs?: number | undefined;
}

/**
 * An error that an action throws on purpose. Anything else that is thrown is a fault of the plugin.
 *
 * @example
 * throw new PluginError("not-found", `There is no customer ${input.id}.`);
 */
export class PluginError extends Error {
  readonly code: PluginErrorCode;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;
  constructor(code: PluginErrorCode, message: string, options: PluginErrorOptions = {}) {
    super(message, options);
    this.name = "PluginError";
    this.code = code;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }
}
