import { type Gate, isQuiet, newGate, type Refusal } from "./gate.ts";
import type { Meter } from "./meter.ts";
import { createOwners, defaultGateBounds, type GateBounds, type Owned, type Owners } from "./owners.ts";

/** All gates there are, those that nobody needs left out. */
export interface Gates {
  readonly size: number;
  get(key: string): Gate | undefined;
  /**
   * The gate under a key; a new one if there is none. Whoever has as many as it may loses the one that it used longest
   * ago, and its new one lets nothing through until its time has passed: or one would only have to make many of them to
   * be allowed everything anew.
   */
  of(key: string, create: () => { meter: Meter; refusal: Refusal; owned?: Owned }): Gate;
  hasRoomForTold: Owners["hasRoomForTold"];
  /** Forgets a gate that says no more than a new one would. */
  tidy(gate: Gate, now: number): void;
  /** Forgets what is remembered of a connection. */
  forget(connectionId: string): void;
}

/** Gates that nobody needs are looked for when there are twice as many as after the last time, and so many at least. */
const fewestToSweep = 1_000;

export function createGates(now: () => number, bounds: GateBounds = defaultGateBounds): Gates {
  const gates = new Map<string, Gate>();
  const owners = createOwners(bounds);
  let sweepAt = fewestToSweep;

  function remove(gate: Gate): void {
    if (gates.get(gate.key) === gate) gates.delete(gate.key);
    owners.remove(gate);
  }

  function tidy(gate: Gate, at: number): void {
    if (isQuiet(gate) && gate.meter.isIdle(at)) remove(gate);
  }

  function sweep(): void {
    if (gates.size < sweepAt) return;
    const at = now();
    for (const gate of gates.values()) tidy(gate, at);
    sweepAt = Math.max(fewestToSweep, 2 * gates.size);
  }

  return {
    get size() {
      return gates.size;
    },
    get: (key) => gates.get(key),
    of(key, create) {
      const known = gates.get(key);
      if (known) {
        owners.used(known);
        return known;
      }
      sweep();
      const { owned, ...parts } = create();
      const gate = newGate(key, parts);
      if (owned) {
        const at = now();
        const leaving = owners.makeRoom(owned);
        if (leaving) remove(leaving.gate);
        if (leaving?.isOwn && !leaving.gate.meter.isIdle(at)) gate.meter.useUp?.(at);
        owners.add(gate, owned);
      }
      gates.set(key, gate);
      return gate;
    },
    hasRoomForTold: owners.hasRoomForTold,
    tidy,
    forget(connectionId) {
      for (const gate of owners.ofConnection(connectionId)) remove(gate);
    },
  };
}
