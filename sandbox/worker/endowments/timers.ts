import { callOfTheMoment } from "../call.ts";
import { natives } from "../natives.ts";
import { codedError } from "./coded-error.ts";
import { logLine } from "./log.ts";

const MAX_DELAY_MS = 2 ** 31 - 1;

/** Timers of one tenant's compartment. Each belongs to the call that set it and goes with it. */
export function createTimers() {
  const stopById = new Map<number, () => void>();
  let nextId = 1;

  const start =
    (repeat: boolean) =>
    (callback: unknown, delay?: unknown, ...args: unknown[]): number => {
      if (typeof callback !== "function")
        throw new TypeError("A timer needs a function; text is not evaluated.");
      const call = callOfTheMoment.getStore();
      if (!call || call.ended) throw codedError("call-ended", "A timer can only be set while a call runs.");
      if (call.timers >= call.limits.timers)
        throw codedError("too-many-timers", `A call may have at most ${call.limits.timers} timers.`);

      const id = nextId++;
      const delayMs = Math.min(Math.max(Number(delay) || 0, 1), MAX_DELAY_MS);
      const fire = () => {
        call.mark();
        if (!repeat) stop();
        try {
          Reflect.apply(callback, undefined, args);
        } catch {
          logLine(call, "error", "A timer's callback threw an error, which nobody can catch.");
        }
      };
      const handle = repeat ? natives.setInterval(fire, delayMs) : natives.setTimeout(fire, delayMs);
      const stop = () => {
        if (!stopById.delete(id)) return;
        natives.clearTimeout(handle);
        call.timers -= 1;
        teardown.takeBack();
      };
      call.timers += 1;
      stopById.set(id, stop);
      const teardown = call.onEnd(stop);
      return id;
    };

  const clear = (id?: unknown): void => {
    if (typeof id === "number") stopById.get(id)?.();
  };

  return { setTimeout: start(false), setInterval: start(true), clearTimeout: clear, clearInterval: clear };
}
