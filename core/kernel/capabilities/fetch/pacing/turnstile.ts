import type { Clock } from "../clock.ts";
import { costAt, type Gate, type Place, type Waiter } from "./gate.ts";

/** Lets requests through gates: through all of theirs at once, in turn, each as soon as it can. */
export interface Turnstile {
  /** Takes all places now, or lines up. @returns the gate that is shut, if the request waits */
  enter(waiter: Waiter): Gate | undefined;
  /** Takes a waiter out of whatever line it is in. */
  giveUp(waiter: Waiter): void;
  /** Looks at a gate again, of which something was given back or said. */
  wake(gate: Gate): void;
}

export function createTurnstile(clock: Clock): Turnstile {
  /** Where each waits. */
  const waitingAt = new Map<Waiter, Gate>();

  function waitMs(gate: Gate, { places }: Waiter): number {
    const place = places.find((place) => place.gate === gate);
    return gate.meter.waitMs(clock.now(), place ? costAt(place) : 0);
  }

  /** @param from whose line it has just left */
  function tryPass(waiter: Waiter, from?: Gate): Gate | undefined {
    // Whoever has waited goes first, also where the timer for it is late.
    for (const { gate } of waiter.places) if (gate !== from && gate.line.size > 0) wake(gate);
    const now = clock.now();
    for (const { gate } of waiter.places) {
      const isShut = (gate !== from && gate.line.size > 0) || waitMs(gate, waiter) > 0;
      if (!isShut) continue;
      gate.line.add(waiter);
      waitingAt.set(waiter, gate);
      schedule(gate);
      return gate;
    }
    take(waiter.places, now);
    return undefined;
  }

  function wake(gate: Gate): void {
    if (gate.isWaking) return;
    gate.isWaking = true;
    for (let head = gate.line.peek(); head; head = gate.line.peek()) {
      if (waitMs(gate, head) > 0) break;
      gate.line.next();
      waitingAt.delete(head);
      // One that is stopped at another gate waits there; here it is the next one's turn.
      if (!tryPass(head, gate)) head.pass();
    }
    gate.isWaking = false;
    schedule(gate);
  }

  function schedule(gate: Gate): void {
    gate.stopTimer?.();
    gate.stopTimer = undefined;
    const head = gate.line.peek();
    if (!head || gate.isWaking) return;
    const ms = waitMs(gate, head);
    if (!Number.isFinite(ms)) return;
    gate.stopTimer = clock.after(Math.max(1, Math.ceil(ms)), () => wake(gate));
  }

  return {
    enter: (waiter) => tryPass(waiter),
    giveUp(waiter) {
      const gate = waitingAt.get(waiter);
      if (!gate) return;
      waitingAt.delete(waiter);
      gate.line.remove(waiter);
      // Those behind it may want less.
      wake(gate);
    },
    wake,
  };
}

function take(places: readonly Place[], now: number): void {
  for (const place of places) {
    const { gate } = place;
    place.cost = costAt(place);
    gate.meter.take(now, place.cost);
    gate.underWay += place.cost;
  }
}
