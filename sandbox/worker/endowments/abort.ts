import { namedError } from "./coded-error.ts";
import { Event, EventTarget } from "./events.ts";
import { startTimer } from "./timers.ts";

const internals = Symbol("abort");
let abortSignal: (signal: AbortSignal, reason: unknown) => void;
let onAbort: (signal: AbortSignal, effect: () => void) => void;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  #effects: (() => void)[] | undefined;
  #onabort: unknown = null;

  static {
    abortSignal = (signal, reason) => signal.#abort(reason);
    onAbort = (signal, effect) => {
      if (signal.#aborted) effect();
      else {
        signal.#effects ??= [];
        signal.#effects.push(effect);
      }
    };
  }

  constructor(key: unknown) {
    if (key !== internals) throw new TypeError("Illegal constructor: use new AbortController().signal.");
    super();
  }

  static abort(reason?: unknown): AbortSignal {
    const controller = new AbortController();
    controller.abort(reason);
    return controller.signal;
  }

  static timeout(delay: unknown): AbortSignal {
    const controller = new AbortController();
    const fire = () => controller.abort(namedError("TimeoutError", "The operation timed out"));
    startTimer(fire, { delay, repeat: false });
    return controller.signal;
  }

  static any(signals: Iterable<unknown>): AbortSignal {
    const controller = new AbortController();
    for (const signal of signals) {
      if (!(signal instanceof AbortSignal)) throw new TypeError("AbortSignal.any takes AbortSignals.");
      follow(controller, signal);
    }
    return controller.signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }
  get onabort(): unknown {
    return this.#onabort;
  }
  set onabort(listener: unknown) {
    this.removeEventListener("abort", this.#onabort);
    this.#onabort = typeof listener === "function" ? listener : null;
    this.addEventListener("abort", this.#onabort);
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const effects = this.#effects ?? [];
    this.#effects = undefined;
    for (const effect of effects) effect();
    // Not `this`, on which plugin code may have put a dispatchEvent of its own: this runs in the host's turn.
    super.dispatchEvent(new Event("abort"));
  }

  override get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
}

export class AbortController {
  #signal = new AbortSignal(internals);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    abortSignal(
      this.#signal,
      reason === undefined ? namedError("AbortError", "This operation was aborted") : reason,
    );
  }

  get [Symbol.toStringTag](): string {
    return "AbortController";
  }
}

/** Aborts `controller` when `signal` aborts. */
export function follow(controller: AbortController, signal: AbortSignal): void {
  onAbort(signal, () => controller.abort(signal.reason));
}

/** Runs `effect` once when the signal aborts, before its listeners; at once when it has. */
export const whenAborted = (signal: AbortSignal, effect: () => void): void => onAbort(signal, effect);
