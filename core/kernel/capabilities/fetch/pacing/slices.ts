import { createFairLine, type FairLine, type InLine } from "./fair-line.ts";
import type { Requester } from "./shares-of.ts";

/**
 * Lets what comes all at once go on a little at a time, with turns of the event loop in between. When a vendor that stood
 * still answers everything that it was asked, or a limit opens for all that waited at it, hundreds of requests could go on
 * in the same moment; whoever comes after them would wait until the last has.
 *
 * Plugins take turns, and within a plugin its tenants. Nobody waits for longer than what is before it takes, and nothing
 * waits here that does not hold a place in flight: so many at most.
 */
export interface Slices {
  /** @returns undefined if there is room in this turn of the event loop; if not, what to wait for */
  enter(requester: Requester, bytes?: number): Promise<void> | undefined;
}

/** A small answer is one, a tenth of a millisecond. Fewer for a turn would cost more of them, and that was not to be seen. */
const unitsPerTurn = 2;
/** What has to be looked through takes as long again. */
const bytesPerUnit = 8 * 1024;

interface Waiting extends InLine {
  units: number;
  goOn(): void;
}

/** @param nextTurn runs something in the next turn of the event loop */
export function createSlices(nextTurn: (run: () => void) => void = (run) => void setImmediate(run)): Slices {
  const lines = new Map<string, FairLine<Waiting>>();
  let spent = 0;
  let isTurnAhead = false;
  let seq = 0;

  function spend(units: number): void {
    spent += units;
    if (isTurnAhead) return;
    isTurnAhead = true;
    nextTurn(turn);
  }

  function turn(): void {
    isTurnAhead = false;
    spent = 0;
    while (spent < unitsPerTurn) {
      const waiting = takeNext();
      if (!waiting) return;
      spend(waiting.units);
      waiting.goOn();
    }
  }

  function takeNext(): Waiting | undefined {
    const [first] = lines;
    if (!first) return undefined;
    const [pluginId, line] = first;
    const waiting = line.next();
    lines.delete(pluginId);
    if (line.size > 0) lines.set(pluginId, line);
    return waiting;
  }

  return {
    enter({ pluginId, tenantId }, bytes = 0) {
      const units = 1 + Math.floor(bytes / bytesPerUnit);
      if (spent < unitsPerTurn && lines.size === 0) {
        spend(units);
        return undefined;
      }
      const line = lines.get(pluginId) ?? createFairLine<Waiting>();
      lines.set(pluginId, line);
      return new Promise((goOn) => line.add({ tenantId, seq: seq++, units, goOn }));
    },
  };
}
