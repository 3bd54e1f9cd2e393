import type { Capability, EndReason, Json, ReachedLimit } from "./contract.ts";
import type { SandboxError } from "./errors.ts";
import type { CallTask, DescribeTask } from "./messages.ts";

/** A call as the host knows it, from its admission until the thread is done with it. */
export interface HostCall {
  /** For people and logs; the thread knows the call by a number. */
  callId: string;
  tenantId: string;
  /** What is sent to the thread, but for the number. */
  task: Omit<CallTask, "call"> | Omit<DescribeTask, "call">;
  capabilities: { [name: string]: Capability };
  deadlineMs: number;
  /** On the clock of performance.now(). */
  deadlineAt: number;
  /** Whether a capability was used, which may have changed something outside. Then it is not run again. */
  hadEffects: boolean;
  /** How often it was on a thread that ended, and was run again. */
  replays: number;
  /** The same, of threads that did not come to run it. */
  restarts: number;
  /** Nobody could say whose doing that was; this time it may turn out. */
  doubt?: { isCleared: boolean };
  /** CPU time, as far as it is known by now. */
  cpuMs: number;
  /** Limits that it reached, each told once. */
  reached?: Set<ReachedLimit>;
  /** What its thread sent about this call. */
  logLines: number;
  logBytes: number;
  limitCount: number;
  useCount: number;
  cancels: number;
  /** Open uses of capabilities, by number. */
  uses: Map<number, AbortController>;
  /** The caller has its answer; the thread may still be at it. */
  settled: boolean;
  answer: Promise<Json>;
  /** Of the lane that has it: gives the call up, because its caller does, or because it took too much CPU time. */
  onAbort(): void;
  onCpuSpent(): void;
  resolve(output: Json): void;
  reject(error: SandboxError): void;
}

export type NewCall = Pick<HostCall, "tenantId" | "callId" | "task" | "capabilities" | "deadlineMs">;

export function createHostCall(o: NewCall): HostCall {
  const { promise, resolve, reject } = Promise.withResolvers<Json>();
  const call: HostCall = {
    ...o,
    deadlineAt: performance.now() + o.deadlineMs,
    hadEffects: false,
    replays: 0,
    restarts: 0,
    cpuMs: 0,
    logLines: 0,
    logBytes: 0,
    limitCount: 0,
    useCount: 0,
    cancels: 0,
    uses: new Map(),
    settled: false,
    answer: promise,
    onAbort() {},
    onCpuSpent() {},
    resolve(output) {
      if (settle(call)) resolve(output);
    },
    reject(error) {
      if (settle(call)) reject(error);
    },
  };
  return call;
}

/** Marks the call as answered and ends what it had open; false when it was answered before. */
function settle(call: HostCall): boolean {
  if (call.settled) return false;
  call.settled = true;
  for (const use of call.uses.values()) use.abort();
  call.uses.clear();
  return true;
}

/**
 * So often a call is run again whose thread another's code ended. Suspects are parted each time, into five parts at most,
 * so that a call is alone by then among a hundred that one of them hides in.
 */
const MAX_REPLAYS = 3;
/** And so often one that could not be started: what fails twice fails again. */
const MAX_RESTARTS = 1;

/** Whether somebody waits for it, nothing outside would happen twice, and it was not tried often enough. */
export function canReplay(call: HostCall, reason: EndReason): boolean {
  const isLeft = reason === "not-started" ? call.restarts < MAX_RESTARTS : call.replays < MAX_REPLAYS;
  return isLeft && !call.settled && !call.hadEffects;
}

/** Makes a call ready for another thread, which knows nothing of it. */
export function makeReady(call: HostCall, reason: EndReason): void {
  if (reason === "not-started") call.restarts += 1;
  else call.replays += 1;
  call.logLines = call.logBytes = call.limitCount = call.useCount = call.cancels = 0;
}
