import type { UnderWay } from "@plugboard/service-kit/under-way";
import { CapabilityError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { EgressLimitReached } from "./limits.ts";

/** One request of a plugin while it is under way, redirects and retries included. */
export interface Call {
  /** Aborts with the CapabilityError that the plugin gets. */
  signal: AbortSignal;
  remainingMs(): number;
  /** Stops the clock. Must be called in every case. */
  end(): void;
}

/** Opens a call that ends by itself at its deadline, with its caller, or when the broker closes (`open` holds all). */
export function openCall(options: {
  clock: Clock;
  timeoutMs: number;
  caller: AbortSignal;
  open: UnderWay<AbortController>;
}): Call {
  const { clock, timeoutMs, caller, open } = options;
  const controller = new AbortController();
  const endsAt = clock.now() + timeoutMs;
  const stopDeadline = clock.after(timeoutMs, () => {
    const message = `The request took longer than ${timeoutMs} ms, the most it may.`;
    controller.abort(new EgressLimitReached("timeoutMs", "fetch-timeout", message));
  });
  const abort = () =>
    controller.abort(new CapabilityError("fetch-aborted", "The call that made this request has ended."));
  if (caller.aborted) abort();
  else caller.addEventListener("abort", abort, { once: true });
  const leave = open.enter(controller);

  return {
    signal: controller.signal,
    remainingMs: () => endsAt - clock.now(),
    end() {
      stopDeadline();
      caller.removeEventListener("abort", abort);
      leave();
    },
  };
}

/** Waits for what cannot be aborted itself (a DNS look-up, the vault, a pause) no longer than the call lasts. */
export async function whileOpen<T>({ signal }: Pick<Call, "signal">, work: Promise<T>): Promise<T> {
  // It is under way already: where nobody waits for it, because the call has ended, it may fail.
  work.catch(() => {});
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** @throws the signal's reason, if the call ends first */
export async function pause(call: Call, clock: Clock, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = clock.after(ms, resolve);
  await whileOpen(call, promise).finally(stop);
}
