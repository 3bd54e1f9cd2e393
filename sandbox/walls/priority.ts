import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/**
 * How far behind the host, which answers everybody, in what the scheduler calls niceness. `busy` ones get what is left
 * over: beside them a thread that wakes for a short call runs at once. `eager` ones take much, and leave some.
 */
const niceness = { usual: 10, eager: 17, busy: 19 } as const;

export type Priority = keyof typeof niceness;

let powerful: boolean | undefined;

/** Whether the host may put a process back that it has put behind others: it takes a power of root's, CAP_SYS_NICE. */
export function canPutBack(): boolean {
  powerful ??= (capabilities() & CAP_SYS_NICE) !== 0n;
  return powerful;
}

const CAP_SYS_NICE = 1n << 23n;

function capabilities(): bigint {
  try {
    const [, effective = "0"] =
      /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return BigInt(`0x${effective}`);
  } catch {
    return 0n;
  }
}

/**
 * Puts a process behind others, or back where that is allowed. On Linux a priority is of a thread, and those that a
 * thread starts have its own.
 */
export function setProcessPriority(pid: number, priority: Priority): void {
  for (const thread of threadsOf(pid)) attempt(() => setPriority(thread, niceness[priority]));
}

/** When Linux has to end a process for memory, it ends this one. */
export const endFirst = (pid: number): void =>
  attempt(() => writeFileSync(`/proc/${pid}/oom_score_adj`, "1000"));

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}

function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // It has ended, this is not Linux, or it is not allowed: then the operating system treats it like any other.
  }
}
