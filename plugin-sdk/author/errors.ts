import { PluginError, type PluginErrorOptions } from "./plugin-error.ts";

// One class for each code of PluginError, for those who would rather write `throw new NotFoundError(…)`.

/** The caller's input cannot be used. The API answers 422; not retried. */
export class InvalidInputError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("invalid-input", message, options);
  }
}

/** The vendor refused the credential. The API answers 502; not retried. */
export class UnauthorizedError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("unauthorized", message, options);
  }
}

/** The vendor takes the credential, and does not let it do this. The API answers 502; not retried. */
export class ForbiddenError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("forbidden", message, options);
  }
}

/** The vendor asks to slow down. The API answers 429 with Retry-After; triggers wait that long. */
export class RateLimitedError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("rate-limited", message, options);
  }
}

/** The vendor has no such record. The API answers 404; not retried. */
export class NotFoundError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("not-found", message, options);
  }
}

/** The record's present state does not allow the change. The API answers 409; not retried. */
export class ConflictError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("conflict", message, options);
  }
}

/** The vendor is down or slow. The API answers 502; triggers try again, ever more slowly. */
export class VendorUnavailableError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("vendor-unavailable", message, options);
  }
}

/** The vendor refused for a reason of its own. The API answers 502; not retried. */
export class VendorError extends PluginError {
  constructor(message: string, options?: PluginErrorOptions) {
    super("vendor-error", message, options);
  }
}
