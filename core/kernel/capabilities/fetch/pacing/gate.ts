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

/** All gates there are, those that nobody needs left out. */
export interface Gates {
  get(key: string): Gate | undefined;
  of(key: string, create: () => { meter: Meter; refusal: Refusal }): Gate;
  /** Forgets a gate that says no more than a new one would. */
  tidy(gate: Gate, now: number): void;
}

/** Gates that nobody needs are looked for when there are so many more than after the last time. */
const sweepStep = 1_000;

export function createGates(now: () => number): Gates {
  const gates = new Map<string, Gate>();
  let sweepAt = sweepStep;

  function tidy(gate: Gate, at: number): void {
    if (gate.line.size === 0 && gate.underWay === 0 && gate.meter.isIdle(at)) gates.delete(gate.key);
  }

  return {
    get: (key) => gates.get(key),
    of(key, create) {
      const known = gates.get(key);
      if (known) return known;
      if (gates.size >= sweepAt) {
        const at = now();
        for (const gate of gates.values()) tidy(gate, at);
        sweepAt = gates.size + sweepStep;
      }
      const gate: Gate = {
        key,
        line: createFairLine(),
        underWay: 0,
        isWaking: false,
        stopTimer: undefined,
        ...create(),
      };
      gates.set(key, gate);
      return gate;
    },
    tidy,
  };
}
