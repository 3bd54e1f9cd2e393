import type { CapabilityErrorCode } from "../../errors.ts";
import type { EgressLimit } from "../limits.ts";
import { createRecent, type Recent } from "../recent.ts";
import { createFairLine, type FairLine, type InLine } from "./fair-line.ts";
import type { Meter } from "./meter.ts";

/** One limit, and those who wait at it. A request passes all of its gates at once, or waits at the first that is shut. */
export interface Gate {
  key: string;
  meter: Meter;
  line: FairLine<Waiter>;
  /** What requests have taken whose replies are still to come. */
  underWay: number;
  /** What the vendor asked for requests, by their kind. */
  asked: Recent<number> | undefined;
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
  /** The kind of request that it is, where the vendor says what it asks for one before it runs it. */
  kind?: string | undefined;
}

/** What is known by now of what a request will take: others of its kind may have been answered while it waited. */
export function costAt({ gate, cost, kind }: Place): number {
  return (kind === undefined ? undefined : gate.asked?.get(kind)) ?? cost;
}

/** Remembers what the vendor asked for a request. */
export function learn({ gate, kind }: Place, asked: number): void {
  if (kind === undefined) return;
  gate.asked ??= createRecent(mostKinds);
  // Whole and not too large, so that adding and taking away leaves nothing behind.
  gate.asked.set(kind, Math.min(Math.max(0, Math.ceil(asked)), mostPoints));
}

/** Of which a limit knows what is asked: a plugin has some dozens of documents, and asks for few numbers of records. */
const mostKinds = 64;
/** As many as a declaration may have. */
const mostPoints = 1_000_000_000;

export interface Waiter extends InLine {
  places: readonly Place[];
  /** Called when all places were taken. */
  pass(): void;
}

export function newGate(key: string, parts: { meter: Meter; refusal: Refusal }): Gate {
  return {
    key,
    line: createFairLine(),
    underWay: 0,
    asked: undefined,
    isWaking: false,
    stopTimer: undefined,
    ...parts,
  };
}

/** Nobody waits at it, and nobody who passed it is still under way. */
export function isQuiet({ line, underWay }: Gate): boolean {
  return line.size === 0 && underWay === 0;
}
