import pLimit, { type LimitFunction } from "p-limit";
import type { DatabaseShare } from "./database-share.ts";

/** Runs an operation when it is its turn. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * So many operations of one install are on their way to PostgreSQL from this host: its writers wait for each other in
 * the database anyway, and the tenant's other installs get their turns in between.
 */
const atOnceOfInstall = 2;

interface Line {
  inTurn: LimitFunction;
  operations: number;
}

/** Lets the operations of each install take turns on this host, and its tenant with the others at the database. */
export function createTurns(options: {
  share: DatabaseShare;
  atOnce?: number;
}): (
  install: { tenantId: string; installId: string },
  most: { operations: number; busy: (operations: number) => Error },
) => Turn {
  const { share, atOnce = atOnceOfInstall } = options;
  const lines = new Map<string, Line>();

  return ({ tenantId, installId }, { operations: most, busy }) =>
    async (work) => {
      const line = lines.get(installId) ?? { inTurn: pLimit(atOnce), operations: 0 };
      if (line.operations >= most) throw busy(most);
      lines.set(installId, line);
      line.operations++;
      try {
        return await line.inTurn(() => share.run(tenantId, work));
      } finally {
        line.operations--;
        if (line.operations === 0) lines.delete(installId);
      }
    };
}
