import { type ActiveCall, callOfTheMoment } from "../call.ts";
import { natives } from "../natives.ts";
import { codedError } from "./coded-error.ts";
import { logLine } from "./log.ts";

type Handle = ReturnType<typeof natives.setTimeout>;
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Timers of one tenant's compartment. Each belongs to the call that set it and goes with it. */
export function createTimers() {
  const handles = new Map<number, Handle>();
  const countByCall = new WeakMap<ActiveCall, number>();
  let nextId = 1;

  const start =
    (repeat: boolean) =>
    (callback: unknown, delay?: unknown, ...args: unknown[]) => {
      if (typeof callback !== "function")
        throw new TypeError("A timer needs a function; text is not evaluated.");
      const call = callOfTheMoment.getStore();
      if (!call || call.ended) throw codedError("call-ended", "A timer can only be set while a call runs.");
      const count = countByCall.get(call) ?? 0;
      if (count >= call.limits.timers)
        throw codedError("too-many-timers", `A call may have at most ${call.limits.timers} timers.`);
      countByCall.set(call, count + 1);

      const id = nextId++;
      const stop = () => {
        const handle = handles.get(id);
        if (handle === undefined || !handles.delete(id)) return;
        natives.clearTimeout(handle);
        countByCall.set(call, (countByCall.get(call) ?? 1) - 1);
      };
      const fire = () => {
        call.mark();
        if (!repeat) stop();
        try {
          Reflect.apply(callback, undefined, args);
        } catch {
          logLine(call, "error", "A timer's callback threw an error, which nobody can catch.");
        }
      };
      const delayMs = Math.min(Math.max(Number(delay) || 0, 1), MAX_DELAY_MS);
      handles.set(id, repeat ? natives.setInterval(fire, delayMs) : natives.setTimeout(fire, delayMs));
      call.onEnd(stop);
      return id;
    };

  const clear = (id?: unknown): void => {
    const handle = typeof id === "number" ? handles.get(id) : undefined;
    if (handle !== undefined && typeof id === "number") {
      natives.clearTimeout(handle);
      handles.delete(id);
    }
  };

  return { setTimeout: start(false), setInterval: start(true), clearTimeout: clear, clearInterval: clear };
}
