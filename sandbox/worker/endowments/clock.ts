import { natives } from "../natives.ts";

/**
 * Working clocks and chance: compartments get some that throw by default. These are the start realm's own, frozen by
 * lockdown like the rest. `performance` counts whole milliseconds.
 */
export const clock = {
  Date: globalThis.Date,
  Math: globalThis.Math,
  Temporal: (globalThis as { Temporal?: unknown }).Temporal,
};

export const performance = { now: (): number => Math.floor(natives.now()) };
