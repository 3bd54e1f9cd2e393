import { natives } from "./natives.ts";

/** From this part of the heap's limit on there is a look at what can go. */
const PRESSURE = 0.6;
const LOOK_MS = 20;
/** After making room did not help, there is no use in trying again at once. */
const REST_MS = 1_000;

export interface Room {
  /** Forgets what can be forgotten and collects garbage. */
  make(): void;
  /** Makes room when the heap is under pressure; cheap enough for every call. */
  makeIfNeeded(): void;
  /** The same, now, because much was just added. */
  makeIfNeededNow(): void;
}

/**
 * V8 sees a ceiling far above what the plugin may use, and would let garbage grow towards it. The host asks for room
 * too, but a thread that is busy with short calls does not hear it in time.
 */
export function createRoom(heapBytes: number, forget: () => void): Room {
  let lookAgainAt = 0;
  let restUntil = 0;

  const make = () => {
    forget();
    natives.collectGarbage();
  };
  const isTight = () => natives.usedHeapBytes() > heapBytes * PRESSURE;
  const makeIfNeededNow = () => {
    if (natives.now() < restUntil || !isTight()) return;
    make();
    if (isTight()) restUntil = natives.now() + REST_MS;
  };

  return {
    make,
    makeIfNeededNow,
    makeIfNeeded() {
      const now = natives.now();
      if (now < lookAgainAt) return;
      lookAgainAt = now + LOOK_MS;
      makeIfNeededNow();
    },
  };
}
