import pLimit, { type LimitFunction } from "p-limit";

/** Runs an operation when it is its turn. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * So many connections to PostgreSQL may one install hold on this host: the others need some too, and its writers
 * wait for each other in the database anyway.
 */
const connectionsPerInstall = 2;

interface Line {
  inTurn: LimitFunction;
  operations: number;
}

/** Lets the operations of each install take turns on this host, `atOnce` of them at a time. */
export function createTurns(
  atOnce = connectionsPerInstall,
): (installId: string, most: { operations: number; busy: (operations: number) => Error }) => Turn {
  const lines = new Map<string, Line>();

  return (installId, { operations: most, busy }) =>
    async (work) => {
      const line = lines.get(installId) ?? { inTurn: pLimit(atOnce), operations: 0 };
      if (line.operations >= most) throw busy(most);
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
