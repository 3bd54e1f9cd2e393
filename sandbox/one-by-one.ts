import type { HostCall } from "./calls.ts";
import { SandboxError } from "./errors.ts";

/** So long a call has its thread to itself, in ms: one that sleeps must not keep the others from theirs. */
const ALONE_MS = 250;

/**
 * Submits calls one after the other, each when the one before has its answer, or has had some time for it. Used for those
 * that were in flight when a thread ended and nobody can say whose doing it was: the guilty one then ends the next thread
 * alone, unless it takes its time; then its tenant is parted from the others at each end.
 */
export function submitOneByOne(calls: readonly HostCall[], submit: (call: HostCall) => void): void {
  const waiting = calls.filter((call) => !call.settled);
  const stopWatching = waiting.map((call) => watchWhileWaiting(call, () => deadlineExceeded(call)));
  const next = () => {
    const call = waiting.shift();
    stopWatching.shift()?.();
    if (!call) return;
    if (!call.settled) submit(call);
    const { promise: goOn, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ALONE_MS);
    call.answer.catch(() => {}).then(() => resolve());
    goOn.then(() => {
      clearTimeout(timer);
      next();
    });
  };
  next();
}

/**
 * Sees to a call that is on no thread, where nobody else does: to its deadline, and to a caller who gives it up.
 * Returns what ends that, to be called when the call goes to a thread.
 */
export function watchWhileWaiting(call: HostCall, onDeadline: () => SandboxError): () => void {
  const restMs = Math.max(call.deadlineAt - performance.now(), 0);
  const timer = setTimeout(() => call.reject(onDeadline()), restMs);
  const stop = () => clearTimeout(timer);
  call.answer.then(stop, stop);
  call.onAbort = () => call.reject(givenUp());
  return stop;
}

export const deadlineExceeded = (call: HostCall): SandboxError =>
  new SandboxError("plugin-deadline-exceeded", `The call took longer than ${call.deadlineMs} ms.`);

export const givenUp = (): SandboxError => new SandboxError("call-aborted", "The caller gave the call up.");
