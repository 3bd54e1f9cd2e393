import type { HostCall } from "./calls.ts";
import { SandboxError } from "./errors.ts";

/**
 * Submits calls one after the other, each when the one before has its answer. Used for those that were in flight when
 * a thread ended and nobody can say whose doing it was: the guilty one then ends the next thread alone.
 */
export function submitOneByOne(calls: readonly HostCall[], submit: (call: HostCall) => void): void {
  const waiting = calls.filter((call) => !call.settled);
  for (const call of waiting) {
    // No lane watches over a call that waits here.
    const restMs = Math.max(call.deadlineAt - performance.now(), 0);
    const timer = setTimeout(() => call.reject(deadlineExceeded(call)), restMs);
    call.answer.finally(() => clearTimeout(timer)).catch(() => {});
    call.onAbort = () => call.reject(givenUp());
  }
  const next = () => {
    const call = waiting.shift();
    if (!call) return;
    if (!call.settled) submit(call);
    call.answer.then(next, next);
  };
  next();
}

export const deadlineExceeded = (call: HostCall): SandboxError =>
  new SandboxError("plugin-deadline-exceeded", `The call took longer than ${call.deadlineMs} ms.`);

export const givenUp = (): SandboxError => new SandboxError("call-aborted", "The caller gave the call up.");
