import type { Json } from "./contract.ts";

/** What plugin code threw, read in the thread and reduced to capped plain data. Nothing in it can be trusted. */
export interface ThrownByPlugin {
  name?: string;
  code?: string;
  message: string;
  details?: Json;
  retryAfterMs?: number;
  /** Frames of the plugin's own code, for its author. */
  stack?: string;
}

/** Every way in which a call can fail. `retryable`: the same call may succeed later, nothing is wrong with it. */
export const sandboxErrors = {
  "plugin-deadline-exceeded": { retryable: false },
  "plugin-blocked": { retryable: false },
  "plugin-cpu-exceeded": { retryable: false },
  "plugin-cpu-budget-exceeded": { retryable: true },
  "plugin-tenant-cpu-budget-exceeded": { retryable: true },
  "plugin-out-of-memory": { retryable: false },
  "plugin-external-memory-exceeded": { retryable: false },
  "plugin-crashed": { retryable: true },
  "plugin-busy": { retryable: true },
  "plugin-tenant-busy": { retryable: true },
  "plugin-host-busy": { retryable: true },
  "plugin-closed": { retryable: true },
  "plugin-load-failed": { retryable: false },
  "plugin-unknown-target": { retryable: false },
  "plugin-input-too-large": { retryable: false },
  "plugin-output-too-large": { retryable: false },
  "plugin-output-invalid": { retryable: false },
  "plugin-failed": { retryable: false },
  "call-aborted": { retryable: false },
} as const;

export type SandboxErrorCode = keyof typeof sandboxErrors;

/** A call that did not answer. `thrown` is set when plugin code threw something. */
export class SandboxError extends Error {
  override name = "SandboxError";
  readonly code: SandboxErrorCode;
  readonly retryable: boolean;
  declare readonly thrown?: ThrownByPlugin;
  /** How long to wait before the next try makes sense, in ms. */
  declare readonly retryAfterMs?: number;

  constructor(
    code: SandboxErrorCode,
    message: string,
    o: { thrown?: ThrownByPlugin; retryAfterMs?: number } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = sandboxErrors[code].retryable;
    if (o.thrown) this.thrown = o.thrown;
    if (o.retryAfterMs !== undefined) this.retryAfterMs = o.retryAfterMs;
  }
}

/**
 * What a capability throws to be understood inside: plugin code gets an Error with this code, message and details.
 * Anything else that a capability throws reaches it as "capability-failed", without its message.
 */
export class CapabilityError extends Error {
  override name = "CapabilityError";
  readonly code: string;
  declare readonly details?: Json;
  declare readonly retryAfterMs?: number;

  constructor(code: string, message: string, o: { details?: Json; retryAfterMs?: number } = {}) {
    super(message);
    this.code = code;
    if (o.details !== undefined) this.details = o.details;
    if (o.retryAfterMs !== undefined) this.retryAfterMs = o.retryAfterMs;
  }
}
