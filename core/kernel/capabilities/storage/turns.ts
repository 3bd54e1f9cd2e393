import pLimit, { type LimitFunction } from "p-limit";
import { CapabilityError } from "../errors.ts";
import type { Turn } from "./capability.ts";

/**
 * So many connections to PostgreSQL may one install hold on this host: the others need some too, and its writers
 * wait for each other in the database anyway.
 */
const connectionsPerInstall = 2;

interface Line {
  inTurn: LimitFunction;
  operations: number;
}

/** Lets the storage operations of each install take turns on this host. */
export function createTurns(
  atOnce = connectionsPerInstall,
): (installId: string, maxOperations: number) => Turn {
  const lines = new Map<string, Line>();

  return (installId, maxOperations) => async (work) => {
    const line = lines.get(installId) ?? { inTurn: pLimit(atOnce), operations: 0 };
    if (line.operations >= maxOperations)
      throw new CapabilityError(
        "storage-busy",
        `${maxOperations} storage operations of this install are under way, as many as may be. Repeat it when one has ended.`,
      );
    lines.set(installId, line);
    line.operations++;
    try {
      return await line.inTurn(work);
    } finally {
      line.operations--;
      if (line.operations === 0) lines.delete(installId);
    }
  };
}
