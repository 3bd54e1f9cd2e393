import type { JsonText } from "./json-text.ts";
import type { SandboxLimits } from "./limits.ts";
import type { PluginCode } from "./messages.ts";
import type { ThreadBudget } from "./thread-budget.ts";

export type { PluginCode };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a capability takes and gives: JSON, with byte arrays as further leaves. */
export type Payload = null | boolean | number | string | Uint8Array | Payload[] | { [key: string]: Payload };

/**
 * A power that one call is given. It runs in the host. `signal` aborts when plugin code gives up this use, or
 * when the call ends. Throw a CapabilityError to be understood inside.
 */
export interface Capability {
  (
    argument: Payload,
    context: { callId: string; signal: AbortSignal },
  ): Promise<Payload | JsonText | undefined>;
  /**
   * Looks at an argument before it is read: its JSON text's length and its bytes. Throws, as the capability does, what is
   * larger than any that it takes.
   */
  checkSize?(size: number): void;
}

/**
 * Which function of the plugin is called. An entity's operation is named `customer.list`; a trigger's is its `run`, or of
 * one on a stream `message-posted.open`; of webhooks there is `normalize`.
 */
export interface CallTarget {
  kind: "action" | "hook" | "entity" | "trigger" | "webhook";
  name: string;
}

export interface SandboxCall {
  /** Calls of different tenants never share a compartment. */
  tenantId: string;
  target: CallTarget;
  /** Becomes `input` of the argument that plugin code gets, or, for an entity, trigger or webhook, members of it; copied. */
  input: Json;
  /** Further members of that argument, e.g. `{ connection: { config } }`. */
  context?: { [key: string]: Json };
  /**
   * `fetch` and `log` have their shapes (see FetchArgument, LogArgument); any other name becomes an async function
   * of the argument, and `storage.get` a method of its `storage`, whose capability gets the list of arguments.
   * A capability that is not given is not there; fetch then rejects with "capability-not-granted".
   */
  capabilities: { [name: string]: Capability };
  deadlineMs?: number;
  signal?: AbortSignal;
  /** For people, logs and events; made up when it is not given. */
  callId?: string;
}

/** Argument of the `fetch` capability. Its reply: {@link FetchReply}. */
export interface FetchArgument {
  method: string;
  url: string;
  headers: [string, string][];
  body: string | Uint8Array | null;
}

export interface FetchReply {
  status: number;
  statusText: string;
  url: string;
  headers: [string, string][];
  body: Uint8Array;
}

/** Argument of the `log` capability; what it answers is not waited for. */
export interface LogArgument {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields?: Json;
}

/** What a plugin offers, as its code says. Nothing of it was checked. */
export interface PluginShape {
  actions: { [name: string]: { title?: Json; description?: Json; input?: Json; output?: Json } };
  /** Only when there are any. */
  triggers?: { [name: string]: { [member: string]: Json } };
  entities?: { [name: string]: { [member: string]: Json; operations: Json[] } };
  webhooks?: { normalize: true };
  /** What the code says of connections' settings, by where: `actions/create-customer`. */
  configs?: { [place: string]: Json };
  hooks: { name: string; order?: Json }[];
}

export interface SandboxStats {
  /** Whether a thread is up. */
  running: boolean;
  callsInFlight: number;
  completed: number;
  failed: number;
  /** Threads that were started, and that ended because of what ran in them. */
  starts: number;
  crashes: number;
  /** Until when the pool pauses after too many crashes, in ms since 1970; 0 when it does not. */
  pausedUntil: number;
  /** Tenants whose calls alone pause, since it was they that crashed. */
  pausedTenants: number;
  /** Calls that wait until the host has room for a thread. */
  callsWaiting: number;
  /** As last measured by the watchdog. */
  heapBytes: number;
  externalBytes: number;
  cpuMs: number;
}

/** Why a thread ended. `idle`, `rested` (it made room for another plugin's) and `closed` are routine. */
export type EndReason =
  /** Before the plugin's code was in it, or with all others at once: nobody's doing but the machine's. */
  | "not-started"
  | "idle"
  | "rested"
  | "closed"
  | "blocked"
  | "heap"
  | "external-memory"
  | "crashed"
  | "protocol";

/** A limit by its name: of the plugin's own, or of the host: all its threads, and the plugins that one tenant keeps busy. */
export type ReachedLimit = keyof SandboxLimits | "threads" | "threadsPerTenant";

export type SandboxEvent =
  | { type: "thread-started"; startMs: number }
  /**
   * `suspects` is there when the thread ended by itself: the tenants of whom one did it. With one alone it is certain, and
   * `tenantId` names it too. An empty text stands for the plugin's code run for no tenant (by `describe`).
   */
  | {
      type: "thread-ended";
      reason: EndReason;
      tenantId?: string;
      callId?: string;
      detail?: string;
      suspects?: string[];
    }
  /**
   * Comes once per call and limit. `tenantId` and `callId` say whose call it was, when that is known. Limits that are
   * reached inside are told by the thread itself: a count to go by, not evidence.
   */
  | { type: "limit-reached"; limit: ReachedLimit; tenantId?: string; callId?: string }
  /**
   * The plugin crashes in a loop and pauses: for one tenant, when it is all that tenant's doing, for everybody when it is
   * that of many, or of nobody.
   * `crashes` is their number within the window. The core may quarantine it.
   */
  | { type: "crash-loop"; crashes: number; pauseMs: number; tenantId?: string }
  /** A thread that was told to end still runs: only the end of the process stops it. */
  | { type: "thread-stuck"; tenantId?: string; callId?: string };

/**
 * Where the thread runs. `thread`: in the host's process; a call costs least, but V8 ends the whole process on some
 * allocations, and no one can stop some loops. `process`: in a process of its own, which costs a hop per message,
 * some 60 MB, and is the only one that holds against code that means harm.
 */
export type Isolation = "thread" | "process";

export interface SandboxOptions {
  /** Default: `thread`. */
  isolation?: Isolation;
  limits?: Partial<SandboxLimits>;
  /** What the thread wrote to stdout or stderr; plugin code cannot, so this is Node's own. Capped. */
  onOutput?(stream: "stdout" | "stderr", text: string): void;
  onEvent?(event: SandboxEvent): void;
  /** The host's budget of threads, shared by all its sandboxes. Default: as many as are wanted. */
  threads?: ThreadBudget;
  /** Milliseconds since 1970, for what counts by the minute: CPU budgets and crashes. Default: Date.now. */
  now?(): number;
  /** Where the thread's code lies; the default finds it in the source tree and in the published package. */
  workerUrl?: URL;
}

/** One plugin version, ready to be called. Nothing runs before the first call, and nothing when it has been idle. */
export interface Sandbox {
  /** Runs one of the plugin's functions; throws SandboxError. */
  call(call: SandboxCall): Promise<Json>;
  /** Evaluates the plugin in a compartment that is thrown away. Throws SandboxError, `plugin-load-failed` with the reason. */
  describe(): Promise<PluginShape>;
  stats(): SandboxStats;
  /** Refuses new calls at once, lets running ones finish for `graceMs` (default 5,000), then ends the thread. */
  close(o?: { graceMs?: number }): Promise<void>;
}
