import { natives } from "../natives.ts";

/**
 * Working clocks and chance: compartments get some that throw by default. But for `Math.random` these are the start
 * realm's own, frozen by lockdown like the rest. `performance` counts whole milliseconds.
 */
export const clock = {
  Date: globalThis.Date,
  Math: harden(createMath()),
  Temporal: (globalThis as { Temporal?: unknown }).Temporal,
};

export const performance = { now: (): number => Math.floor(natives.now()) };

/**
 * V8's own generator is one for the whole thread, and a few of its numbers tell all that follow: a tenant could foresee
 * what another one draws, or count how often. These come from the system's.
 */
function createRandom(): () => number {
  const pool = new Uint32Array(1024);
  let next = pool.length;
  const bits = (): number => {
    if (next === pool.length) {
      natives.randomFillSync(pool);
      next = 0;
    }
    return pool[next++] ?? 0;
  };
  // 53 bits, as many as a number holds: 27 above, 26 below.
  return () => {
    const above = bits() >>> 5;
    return (above * 2 ** 26 + (bits() >>> 6)) / 2 ** 53;
  };
}

/** Member by member, which leaves V8 an object that it reads fast. */
function createMath(): object {
  const math = {};
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(globalThis.Math)))
    Object.defineProperty(math, name, name === "random" ? { ...member, value: createRandom() } : member);
  return Object.defineProperty(math, Symbol.toStringTag, { value: "Math" });
}
