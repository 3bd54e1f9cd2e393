import { type ActiveCall, callOfTheMoment } from "../call.ts";
import { natives } from "../natives.ts";
import { codedError } from "./coded-error.ts";
import { logLine } from "./log.ts";

const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Starts a timer of the call that runs; it goes when the call ends. Returns what stops it, and throws, with a code,
 * outside of a call and past the call's limit.
 */
export function startTimer(
  fire: () => void,
  o: { delay: unknown; repeat: boolean; onStop?: () => void },
): () => void {
  // First, since it may run plugin code.
  const delayMs = Math.min(Math.max(Number(o.delay) || 0, 1), MAX_DELAY_MS);
  const call = callOfTheMoment.getStore();
  if (!call || call.ended) throw codedError("call-ended", "A timer can only be set while a call runs.");
  if (call.timers >= call.limits.timers)
    throw call.reached("timers", "too-many-timers", `A call may have at most ${call.limits.timers} timers.`);

  const { repeat } = o;
  let running = true;
  let handle: NodeJS.Timeout | undefined;
  const stop = () => {
    if (!running) return;
    running = false;
    natives.clearTimeout(handle);
    call.timers -= 1;
    teardown.takeBack();
    o.onStop?.();
  };
  // Before the timer is there: plugin code that is near the end of its stack may get no further than one of the two.
  const teardown = call.onEnd(stop);
  call.timers += 1;
  const onTime = () => {
    call.markTurn();
    if (!repeat) stop();
    guard(call, fire);
  };
  handle = repeat ? natives.setInterval(onTime, delayMs) : natives.setTimeout(onTime, delayMs);
  return stop;
}

function guard(call: ActiveCall, callback: () => void): void {
  try {
    callback();
  } catch {
    logLine(call, "error", "A timer's callback threw an error, which nobody can catch.");
  }
}

/** `setTimeout` and its kin, for one compartment: its numbers mean nothing in another. */
export function createTimers() {
  const stopById = new Map<number, () => void>();
  let nextId = 1;

  const set =
    (repeat: boolean) =>
    (callback: unknown, delay?: unknown, ...args: unknown[]): number => {
      if (typeof callback !== "function")
        throw new TypeError("A timer needs a function; text is not evaluated.");
      const id = nextId++;
      const fire = () => Reflect.apply(callback, undefined, args);
      const stop = startTimer(fire, { delay, repeat, onStop: () => stopById.delete(id) });
      stopById.set(id, stop);
      return id;
    };

  const clear = (id?: unknown): void => {
    if (typeof id === "number") stopById.get(id)?.();
  };

  return { setTimeout: set(false), setInterval: set(true), clearTimeout: clear, clearInterval: clear };
}
