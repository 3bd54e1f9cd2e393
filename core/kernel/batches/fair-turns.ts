/** Lets tenants take turns at something of which there is so much at a time. */
export interface FairTurns {
  /**
   * Waits until it is this tenant's turn.
   *
   * @returns what gives the turn back; undefined when `signal` was aborted before
   */
  take(tenantId: string, signal: AbortSignal): Promise<(() => void) | undefined>;
}

interface Line {
  underWay: number;
  /** What begins each, in the order in which they came. */
  waiting: Set<() => void>;
}

/** A tenant with a thousand waiting delays another's by one of its own. */
export function createFairTurns({ most, mostPerTenant }: { most: number; mostPerTenant: number }): FairTurns {
  /** In the order in which tenants are asked whether they have something waiting. */
  const lines = new Map<string, Line>();
  let underWay = 0;

  function begin(): void {
    for (const [tenantId, line] of lines) {
      if (underWay >= most) return;
      const [start] = line.waiting;
      if (!start || line.underWay >= mostPerTenant) continue;
      line.waiting.delete(start);
      lines.delete(tenantId);
      lines.set(tenantId, line);
      underWay++;
      line.underWay++;
      start();
    }
  }

  function tidy(tenantId: string, line: Line): void {
    if (line.underWay === 0 && line.waiting.size === 0) lines.delete(tenantId);
  }

  return {
    async take(tenantId, signal) {
      if (signal.aborted) return undefined;
      const line = lines.get(tenantId) ?? { underWay: 0, waiting: new Set() };
      lines.set(tenantId, line);
      const isTaken = await new Promise<boolean>((resolve) => {
        const giveUp = () => {
          line.waiting.delete(start);
          tidy(tenantId, line);
          resolve(false);
        };
        const start = () => {
          signal.removeEventListener("abort", giveUp);
          resolve(true);
        };
        signal.addEventListener("abort", giveUp, { once: true });
        line.waiting.add(start);
        begin();
      });
      if (!isTaken) return undefined;
      return () => {
        underWay--;
        line.underWay--;
        tidy(tenantId, line);
        begin();
      };
    },
  };
}
