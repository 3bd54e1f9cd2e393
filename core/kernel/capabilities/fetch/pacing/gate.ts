import type { CapabilityErrorCode } from "../../errors.ts";
import type { EgressLimit } from "../limits.ts";
import { createFairLine, type FairLine, type InLine } from "./fair-line.ts";
import type { Meter } from "./meter.ts";

/** One limit, and those who wait at it. A request passes all of its gates at once, or waits at the first that is shut. */
export interface Gate {
  key: string;
  meter: Meter;
  line: FairLine<Waiter>;
  /** What requests have taken whose replies are still to come. */
  underWay: number;
  isWaking: boolean;
  stopTimer: (() => void) | undefined;
  refusal: Refusal;
}

/** What whoever is not let through is told. */
export interface Refusal {
  code: CapabilityErrorCode;
  message: string;
  /** Of the operator's, if it is one. */
  limit?: EgressLimit;
}

/** What a request takes at a gate. */
export interface Place {
  gate: Gate;
  cost: number;
}

export interface Waiter extends InLine {
  places: readonly Place[];
  /** Called when all places were taken. */
  pass(): void;
}

export function newGate(key: string, parts: { meter: Meter; refusal: Refusal }): Gate {
  return { key, line: createFairLine(), underWay: 0, isWaking: false, stopTimer: undefined, ...parts };
}

/** Nobody waits at it, and nobody who passed it is still under way. */
export function isQuiet({ line, underWay }: Gate): boolean {
  return line.size === 0 && underWay === 0;
}
