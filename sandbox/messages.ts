/**
 * The protocol between the host and the thread that runs plugin code. What crosses is text (JSON), small
 * numbers and byte arrays that own their buffer; never an object that plugin code made.
 */

export interface PluginCode {
  /** `publisher/name`. */
  id: string;
  version: string;
  /** A CommonJS-shaped script; it is evaluated as `(function (module, exports) { … })`. */
  code: string;
  /** Whether the `binary` permission is granted: typed arrays, ArrayBuffer, TextEncoder's output. */
  binary: boolean;
}

/** The limits that the thread checks first; the host checks those that matter to it again. */
export interface WorkerLimits {
  heapBytes: number;
  outputBytes: number;
  capabilityBytes: number;
  depth: number;
  nodes: number;
  errorBytes: number;
  logLines: number;
  logBytes: number;
  timers: number;
  capabilityCalls: number;
  capabilityCallsTotal: number;
  compartments: number;
}

/** What the thread gets once, before its first call. `board` is shared memory: see {@link BOARD}. */
export interface LoadTask {
  type: "load";
  plugin: PluginCode;
  limits: WorkerLimits;
  board: Int32Array;
  port: unknown;
}

export interface CallTask {
  type: "call";
  /** Unique within one thread, from 1. */
  call: number;
  tenantId: string;
  kind: string;
  name: string;
  /** JSON text. */
  input: string;
  context: string;
  capabilities: string[];
}

export interface DescribeTask {
  type: "describe";
  call: number;
}

/** Anything that plugin code threw, reduced to text. */
export interface Thrown {
  name?: string;
  code?: string;
  message: string;
  /** JSON text. */
  details?: string;
  retryAfterMs?: number;
  /** Frames of the plugin's own code alone. */
  stack?: string;
}

export type TaskFailure =
  | "load-failed"
  | "unknown-target"
  | "output-invalid"
  | "output-too-large"
  | "failed"
  | "ended";

export type TaskResult = { ok: true; output: string } | { ok: false; failure: TaskFailure; thrown: Thrown };

/** Limits that are reached in the thread, where the host does not see it. */
export const innerLimits = [
  ...(["timers", "logLines", "logBytes", "capabilityCalls", "capabilityCallsTotal"] as const),
  ...(["capabilityBytes", "depth", "nodes"] as const),
] as const;

export type InnerLimit = (typeof innerLimits)[number];

/** From the thread, about a call that is on it. `use` numbers the capability calls of one thread. */
export type FromWorker =
  | { type: "use"; call: number; use: number; name: string; argument: Encoded }
  | { type: "cancel"; call: number; use: number }
  | { type: "log"; call: number; line: string }
  /** Once per call and limit. */
  | { type: "limit"; call: number; limit: InnerLimit };

/** Whatever the thread sends. A message is an array of these: what it had to say in one turn of its event loop. */
export type ThreadMessage =
  | FromWorker
  /** The plugin's code is there: what runs from now on is the plugin's. */
  | { type: "ready" }
  /** Once after a ping. */
  | ({ type: "spent" } & Spent)
  | { type: "result"; call: number; result: TaskResult };

/** Whose code ran for how long, in ms of the clock, as far as it was not said before: by tenant, and by call in flight. */
export interface Spent {
  tenants: [tenantId: string, ms: number][];
  calls: [call: number, ms: number][];
}

/** Whatever the host sends; a message is an array of these too. */
export type HostMessage = CallTask | DescribeTask | ToWorker;

/** To the thread, about what is on it. */
export type ToWorker =
  | { type: "reply"; call: number; use: number; ok: true; value: Encoded }
  | { type: "reply"; call: number; use: number; ok: false; error: Thrown }
  | { type: "end"; call: number }
  /** Asks to make room: memory comes near its limit. */
  | { type: "collect" }
  | { type: "ping"; beat: number };

/** What a thread uses, as V8 and the operating system measure it from outside. */
export interface Vitals {
  heapBytes: number;
  externalBytes: number;
  cpuMs: number;
}

/** Vitals, and whose code ran while they were taken. */
export interface Measured extends Vitals {
  /** The number of the thread's turn; not there when it came to another meanwhile. */
  turn?: number;
  /** The call whose code ran last. */
  call: number;
}

/** Slots of the shared board, which the host reads also while the thread spins. */
export const BOARD = {
  /** The call whose code ran last. */
  call: 0,
  /** The last ping that the thread's event loop answered. */
  beat: 1,
  /** How many messages the host has sent; it wakes the thread that waits here for one. The one slot the host writes. */
  letters: 2,
  /** Counts the turns that the thread's code gets: one for each message and each timer. It goes round. */
  turn: 3,
  length: 4,
} as const;

/** A turn of the thread's that says more than this is none of ours: an array of holes costs it nothing, however long. */
export const MAX_BATCH = 1_000_000;

/** A value as it crosses: JSON text, and beside it the byte arrays that stood in it. */
export interface Encoded {
  text: string;
  bytes: Uint8Array[];
}

/** Stands in the text where a byte array stood. A key that begins with NUL is not found in honest data. */
const BYTES_KEY = "\u0000bytes";

/** Copies: posting a view would send the whole buffer behind it, which may be a pool with others' data. */
export function encode(value: unknown, withBytes: boolean): Encoded {
  const bytes: Uint8Array[] = [];
  if (!withBytes) return { text: JSON.stringify(value) ?? "null", bytes };
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, item) {
    const raw = this[key];
    if (!(raw instanceof Uint8Array)) return item;
    bytes.push(new Uint8Array(raw));
    return { [BYTES_KEY]: bytes.length - 1 };
  });
  return { text: text ?? "null", bytes };
}

/** Throws a SyntaxError or RangeError when the text or a reference to bytes is not well formed. */
export function decode(encoded: Encoded): unknown {
  if (encoded.bytes.length === 0) return JSON.parse(encoded.text);
  return JSON.parse(encoded.text, (_key, item) => {
    if (typeof item !== "object" || item === null || !Object.hasOwn(item, BYTES_KEY)) return item;
    const found = encoded.bytes[item[BYTES_KEY]];
    if (!(found instanceof Uint8Array)) throw new RangeError("A reference to bytes leads nowhere.");
    return found;
  });
}
