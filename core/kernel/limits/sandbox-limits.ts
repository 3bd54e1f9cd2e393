import { defaultLimits, type SandboxLimits } from "@plugboard/sandbox";
import { bytes, count, GiB, hourMs, KiB, type Limit, MiB, minuteMs, ms } from "./limit.ts";

const d = defaultLimits;

/** Of the sandbox of one plugin version. */
export const sandboxLimits: Record<keyof SandboxLimits, Limit> = {
  deadlineMs: ms({
    default: d.deadlineMs,
    range: [100, hourMs],
    code: "plugin-deadline-exceeded",
    meaning: "wall clock of one call, waiting included",
  }),
  blockMs: ms({
    default: d.blockMs,
    range: [10, 10 * minuteMs],
    code: "plugin-blocked",
    meaning: "processor time that a call may take without returning to the event loop",
  }),
  cpuMs: ms({
    default: d.cpuMs,
    range: [10, hourMs],
    code: "plugin-cpu-exceeded",
    meaning: "processor time of one call, with what the host computes for its capabilities",
  }),
  cpuMsPerMinute: ms({
    default: d.cpuMsPerMinute,
    range: [100, 10 * minuteMs],
    code: "plugin-cpu-budget-exceeded",
    meaning: "processor time of a plugin version within a minute, all tenants together",
  }),
  tenantCpuMsPerMinute: ms({
    default: d.tenantCpuMsPerMinute,
    range: [100, 10 * minuteMs],
    code: "plugin-tenant-cpu-budget-exceeded",
    meaning: "processor time of one tenant in a plugin version within a minute",
  }),
  heapBytes: bytes({
    default: d.heapBytes,
    range: [32 * MiB, 4 * GiB],
    code: "plugin-out-of-memory",
    meaning: "JavaScript heap of each of a plugin version's threads; as a rule it has one",
  }),
  heapCeilingBytes: bytes({
    default: d.heapCeilingBytes,
    range: [256 * MiB, 64 * GiB],
    code: "plugin-out-of-memory",
    meaning: "where V8 itself gives up; keep it far above `heapBytes`, under whose name it is counted",
  }),
  externalBytes: bytes({
    default: d.externalBytes,
    range: [MiB, 4 * GiB],
    code: "plugin-external-memory-exceeded",
    meaning: "memory outside the heap, such as array buffers",
  }),
  inputBytes: bytes({
    default: d.inputBytes,
    range: [KiB, 64 * MiB],
    code: "plugin-input-too-large",
    meaning: "input of one call, as JSON",
  }),
  outputBytes: bytes({
    default: d.outputBytes,
    range: [KiB, 64 * MiB],
    code: "plugin-output-too-large",
    meaning: "output of one call, as JSON",
  }),
  depth: count({
    default: d.depth,
    range: [4, 128],
    code: "plugin-input-too-large",
    meaning: "nesting of input, output and arguments",
  }),
  nodes: count({
    default: d.nodes,
    range: [1_000, 10_000_000],
    code: "action-output-invalid",
    meaning: "values in one output or argument",
  }),
  capabilityBytes: bytes({
    default: d.capabilityBytes,
    range: [64 * KiB, 256 * MiB],
    code: "argument-too-large",
    meaning: "one argument or reply of a capability",
  }),
  capabilityCalls: count({
    default: d.capabilityCalls,
    range: [1, 1_000],
    code: "too-many-capability-calls",
    meaning: "uses of capabilities that one call may have open",
  }),
  capabilityCallsTotal: count({
    default: d.capabilityCallsTotal,
    range: [1, 1_000_000],
    code: "too-many-capability-calls-in-all",
    meaning: "uses of capabilities by one call",
  }),
  callsPerTenant: count({
    default: d.callsPerTenant,
    range: [1, 10_000],
    code: "plugin-tenant-busy",
    meaning: "calls in flight of one tenant",
  }),
  calls: count({
    default: d.calls,
    range: [1, 100_000],
    code: "plugin-busy",
    meaning: "calls in flight of all tenants",
  }),
  logLines: count({
    default: d.logLines,
    range: [0, 100_000],
    code: "log-lines-exceeded",
    meaning: "lines that one call may log; later ones are dropped",
  }),
  logBytes: bytes({
    default: d.logBytes,
    range: [0, 64 * MiB],
    code: "log-bytes-exceeded",
    meaning: "what one call may log; later lines are dropped",
  }),
  timers: count({
    default: d.timers,
    range: [0, 100_000],
    code: "too-many-timers",
    meaning: "timers that one call may have",
  }),
  errorBytes: bytes({
    default: d.errorBytes,
    range: [256, MiB],
    meaning: "message, details and stack of an error, each; longer ones are cut off",
  }),
  compartments: count({
    default: d.compartments,
    range: [1, 100_000],
    meaning: "tenants whose compartments a thread keeps; the one used longest ago goes",
  }),
  outputStreamBytes: bytes({
    default: d.outputStreamBytes,
    range: [0, 16 * MiB],
    meaning: "captured output streams of one thread's life; later output is dropped",
  }),
  idleMs: ms({
    default: d.idleMs,
    range: [100, 24 * hourMs],
    meaning: "how long a thread or process without calls is kept",
  }),
  crashes: count({
    default: d.crashes,
    range: [1, 1_000],
    code: "plugin-crashed",
    meaning:
      "crashes within `crashWindowMs` after which the tenant that caused them pauses, or all if many did",
  }),
  crashWindowMs: ms({
    default: d.crashWindowMs,
    range: [1_000, hourMs],
    meaning: "the time within which crashes are counted",
  }),
  backOffMs: ms({
    default: d.backOffMs,
    range: [10, minuteMs],
    meaning: "the first pause; it doubles with every further crash, up to a minute",
  }),
};
