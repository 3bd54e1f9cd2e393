import { codedError } from "./coded-error.ts";

type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };
interface Entry {
  type: string;
  listener: Listener;
  once: boolean;
}

const MAX_LISTENERS = 1000;

let dispatch: (event: Event, target: EventTarget, listeners: readonly Entry[]) => void;

/** `Event` of the DOM standard, without phases: there is no tree here. */
export class Event {
  #type: string;
  #cancelable: boolean;
  #target: EventTarget | null = null;
  #prevented = false;
  #stopped = false;

  static {
    dispatch = (event, target, listeners) => {
      event.#target = target;
      for (const { listener } of listeners) {
        if (event.#stopped) break;
        try {
          if (typeof listener === "function") Reflect.apply(listener, target, [event]);
          else listener.handleEvent(event);
        } catch {
          // A listener's failure is its own; the others still hear of the event.
        }
      }
      event.#stopped = false;
    };
  }

  constructor(type: unknown, init: { cancelable?: unknown } = {}) {
    this.#type = String(type);
    this.#cancelable = Boolean(init.cancelable);
  }

  get type(): string {
    return this.#type;
  }
  get target(): EventTarget | null {
    return this.#target;
  }
  get currentTarget(): EventTarget | null {
    return this.#target;
  }
  get bubbles(): boolean {
    return false;
  }
  get cancelable(): boolean {
    return this.#cancelable;
  }
  get defaultPrevented(): boolean {
    return this.#prevented;
  }
  preventDefault(): void {
    if (this.#cancelable) this.#prevented = true;
  }
  stopPropagation(): void {}
  stopImmediatePropagation(): void {
    this.#stopped = true;
  }
  get [Symbol.toStringTag](): string {
    return "Event";
  }
}

/** `EventTarget` of the DOM standard. Its listeners live as long as the object, which no other tenant can hold. */
export class EventTarget {
  #entries: Entry[] | undefined;

  addEventListener(type: unknown, listener: unknown, options?: { once?: unknown } | boolean | null): void {
    if ((typeof listener !== "function" && typeof listener !== "object") || listener === null) return;
    this.#entries ??= [];
    const name = String(type);
    if (this.#entries.some((entry) => entry.type === name && entry.listener === listener)) return;
    if (this.#entries.length >= MAX_LISTENERS)
      throw codedError("too-many-listeners", `An EventTarget takes at most ${MAX_LISTENERS} listeners.`);
    const once = typeof options === "object" && options !== null && Boolean(options.once);
    this.#entries.push({ type: name, listener: listener as Listener, once });
  }

  removeEventListener(type: unknown, listener: unknown): void {
    const name = String(type);
    this.#entries = this.#entries?.filter((entry) => entry.type !== name || entry.listener !== listener);
  }

  dispatchEvent(event: unknown): boolean {
    if (!(event instanceof Event)) throw new TypeError("dispatchEvent takes an Event.");
    const heard = this.#entries?.filter((entry) => entry.type === event.type) ?? [];
    this.#entries = this.#entries?.filter((entry) => !entry.once || entry.type !== event.type);
    dispatch(event, this, heard);
    return !event.defaultPrevented;
  }

  get [Symbol.toStringTag](): string {
    return "EventTarget";
  }
}
