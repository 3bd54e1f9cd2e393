/**
 * Every limit of one plugin version, with its unit. What reaches one gets the error code that stands behind the arrow,
 * and is told in a `limit-reached` event. "Inside" means that plugin code gets the error and may go on.
 */
export interface SandboxLimits {
  /** Wall clock of one call, I/O included, in ms → `plugin-deadline-exceeded`. */
  deadlineMs: number;
  /** CPU time that a plugin may take without returning to its event loop, in ms → `plugin-blocked`. */
  blockMs: number;
  /** CPU time of one call, with what the host computes for its capabilities, in ms → `plugin-cpu-exceeded`. */
  cpuMs: number;
  /** CPU time of all tenants' calls within a minute, in ms; one thread has 60,000 → `plugin-cpu-budget-exceeded`. */
  cpuMsPerMinute: number;
  /** CPU time of one tenant's calls within a minute, in ms → `plugin-tenant-cpu-budget-exceeded`. */
  tenantCpuMsPerMinute: number;
  /** JavaScript heap of the thread, in bytes → `plugin-out-of-memory`. */
  heapBytes: number;
  /**
   * Where V8 itself gives up, in bytes. Far above `heapBytes`, which the watchdog holds: V8 ends the whole process when
   * one allocation does not fit under its limit (nodejs/node#47224), so plugin code must not come near it.
   */
  heapCeilingBytes: number;
  /** Memory of array buffers and the like, in bytes → `plugin-external-memory-exceeded`. */
  externalBytes: number;
  /** JSON text of the input (and of the context), in bytes → `plugin-input-too-large`. */
  inputBytes: number;
  /** JSON text of the output, in bytes → `plugin-output-too-large`. */
  outputBytes: number;
  /** Nesting of input, output and arguments → `plugin-input-too-large`, `plugin-output-invalid`, `argument-invalid` (inside). */
  depth: number;
  /** Values in one output or argument → `plugin-output-invalid`, `argument-invalid` (inside). */
  nodes: number;
  /** One argument or reply of a capability, in bytes → `argument-too-large`, `reply-too-large` (inside). */
  capabilityBytes: number;
  /** Capability calls that one call may have open → `too-many-capability-calls` (inside). */
  capabilityCalls: number;
  /** Capability calls that one call may make in all → `too-many-capability-calls-in-all` (inside). */
  capabilityCallsTotal: number;
  /** Calls in flight of one tenant → `plugin-tenant-busy`. */
  callsPerTenant: number;
  /** Calls in flight of all tenants → `plugin-busy`. */
  calls: number;
  /** Lines that one call may log; later ones are dropped after a warning with the code `log-lines-exceeded`. */
  logLines: number;
  /** Their text in all, in bytes; later ones are dropped after a warning with the code `log-bytes-exceeded`. */
  logBytes: number;
  /** Timers that one call may have → `too-many-timers` (inside). */
  timers: number;
  /** Message, details and stack of an error, in bytes each; cut off. */
  errorBytes: number;
  /** Compartments (tenants) that a thread keeps; the one used longest ago goes, and half when memory runs short. */
  compartments: number;
  /** Captured stdout and stderr of one thread's life, in bytes; later output is dropped. */
  outputStreamBytes: number;
  /** A thread without calls for so long is shut down, in ms. */
  idleMs: number;
  /**
   * So many crashes within `crashWindowMs` pause the tenant whose calls they were, or the plugin when they were several
   * tenants' or nobody knows whose → `plugin-crashed`.
   */
  crashes: number;
  crashWindowMs: number;
  /** First pause, in ms; it doubles with every further crash, up to a minute. */
  backOffMs: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export const defaultLimits: SandboxLimits = {
  deadlineMs: 30_000,
  blockMs: 1_000,
  cpuMs: 10_000,
  cpuMsPerMinute: 45_000,
  tenantCpuMsPerMinute: 20_000,
  heapBytes: 128 * MiB,
  heapCeilingBytes: 4096 * MiB,
  externalBytes: 64 * MiB,
  inputBytes: 4 * MiB,
  outputBytes: 4 * MiB,
  depth: 64,
  nodes: 1_000_000,
  capabilityBytes: 20 * MiB,
  capabilityCalls: 64,
  capabilityCallsTotal: 10_000,
  callsPerTenant: 64,
  calls: 1024,
  logLines: 200,
  logBytes: 64 * KiB,
  timers: 1000,
  errorBytes: 8 * KiB,
  compartments: 1000,
  outputStreamBytes: 64 * KiB,
  idleMs: 60_000,
  crashes: 5,
  crashWindowMs: 60_000,
  backOffMs: 1_000,
};
