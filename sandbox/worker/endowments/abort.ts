import { codedError, namedError } from "./coded-error.ts";

type Listener = ((event: AbortEvent) => void) | { handleEvent(event: AbortEvent): void };
interface AbortEvent {
  type: "abort";
  target: AbortSignal;
}

const internals = Symbol("abort");
let makeSignal: () => AbortSignal;
let abortSignal: (signal: AbortSignal, reason: unknown) => void;
let onAbort: (signal: AbortSignal, effect: () => void) => void;

/** `AbortSignal`, without the rest of EventTarget: it only ever dispatches "abort". */
export class AbortSignal {
  #aborted = false;
  #reason: unknown;
  #effects: (() => void)[] = [];
  #listeners: { listener: Listener; once: boolean }[] = [];
  /** @type a handler that vendor code may set. */
  #onabort: Listener | null = null;

  static {
    makeSignal = () => new AbortSignal(internals);
    abortSignal = (signal, reason) => signal.#abort(reason);
    onAbort = (signal, effect) => {
      if (signal.#aborted) effect();
      else signal.#effects.push(effect);
    };
  }

  constructor(key: unknown) {
    if (key !== internals) throw new TypeError("Illegal constructor: use new AbortController().signal.");
  }

  static abort(reason?: unknown): AbortSignal {
    const controller = new AbortController();
    controller.abort(reason);
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
  get onabort(): Listener | null {
    return this.#onabort;
  }
  set onabort(listener: unknown) {
    this.#onabort = typeof listener === "function" ? (listener as Listener) : null;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(type: unknown, listener: unknown, options?: { once?: unknown } | boolean): void {
    if (type !== "abort" || (typeof listener !== "function" && typeof listener !== "object") || !listener)
      return;
    if (this.#listeners.some((entry) => entry.listener === listener)) return;
    if (this.#listeners.length >= 1000)
      throw codedError("too-many-listeners", "An AbortSignal takes at most 1,000 listeners.");
    const once = typeof options === "object" && options !== null && Boolean(options.once);
    this.#listeners.push({ listener: listener as Listener, once });
  }

  removeEventListener(type: unknown, listener: unknown): void {
    if (type === "abort") this.#listeners = this.#listeners.filter((entry) => entry.listener !== listener);
  }

  #abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = this.#listeners.map((entry) => entry.listener);
    if (this.#onabort) listeners.unshift(this.#onabort);
    this.#listeners = [];
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) effect();
    const event: AbortEvent = harden({ type: "abort", target: this });
    for (const listener of listeners) {
      try {
        if (typeof listener === "function") listener.call(this, event);
        else listener.handleEvent(event);
      } catch {
        // A listener's failure is its own; the others still hear of the abort.
      }
    }
  }

  get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
}

export class AbortController {
  #signal = makeSignal();

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
