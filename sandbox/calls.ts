import { randomUUID } from "node:crypto";
import type { Capability, Json } from "./contract.ts";
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
  /** Whether a capability was used, which may have changed something outside. Then it is not run a second time. */
  hadEffects: boolean;
  replayed: boolean;
  cpuMs: number;
  /** What the thread sent about this call. */
  logLines: number;
  useCount: number;
  cancels: number;
  /** Open uses of capabilities, by number. */
  uses: Map<number, AbortController>;
  /** The caller has its answer; the thread may still be at it. */
  settled: boolean;
  answer: Promise<Json>;
  /** Gives the call up; the lane that has it sets this. */
  onAbort(): void;
  resolve(output: Json): void;
  reject(error: SandboxError): void;
}

export function createHostCall(
  o: Pick<HostCall, "tenantId" | "task" | "capabilities" | "deadlineMs">,
): HostCall {
  const { promise, resolve, reject } = Promise.withResolvers<Json>();
  const call: HostCall = {
    ...o,
    callId: randomUUID(),
    deadlineAt: performance.now() + o.deadlineMs,
    hadEffects: false,
    replayed: false,
    cpuMs: 0,
    logLines: 0,
    useCount: 0,
    cancels: 0,
    uses: new Map(),
    settled: false,
    answer: promise,
    onAbort() {},
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
