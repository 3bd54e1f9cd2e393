import type { Capability } from "@plugboard/sandbox";

/**
 * What one permission gives one call: the functions that plugin code finds in its argument (see `SandboxCall` for what
 * their names mean), and what has to go when the call ends. A capability that was not granted is not opened.
 */
export interface OpenCapability {
  functions: { [name: string]: Capability };
  /** Runs when the call has ended, however it ended. What it throws is logged, and changes no answer. */
  close?(): void | Promise<void>;
}
