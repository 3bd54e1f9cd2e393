import { CapabilityError } from "./errors.ts";

export interface DatabaseShareLimits {
  /** Operations of plugins' storage and events that are at the database at a time. */
  hostQueries: number;
  /** Of these, those of one tenant. */
  hostQueriesPerTenant: number;
  /** How long one waits for its turn → `database-busy`. */
  hostQueryWaitMs: number;
}

export const defaultDatabaseShareLimits: DatabaseShareLimits = {
  hostQueries: 5,
  hostQueriesPerTenant: 3,
  hostQueryWaitMs: 5_000,
};

/** The part of the host's connections to PostgreSQL that plugins may have, of whatever capability. One for the process. */
export interface DatabaseShare {
  /** Runs `work` when it is this tenant's turn. @throws CapabilityError `database-busy` when that takes too long */
  run<T>(tenantId: string, work: () => Promise<T>): Promise<T>;
}

interface Line {
  underWay: number;
  /** What begins the work of each, in the order in which they came. */
  waiting: (() => void)[];
}

/**
 * Tenants take turns, so that one with a thousand operations waiting delays another's by one of its own. The API's own
 * queries pass by: they always find what is left of `connections`.
 */
export function createDatabaseShare(options: {
  limits: DatabaseShareLimits;
  /** The host's, in all: plugins get half of them at most. */
  connections: number;
}): DatabaseShare {
  const { hostQueries, hostQueriesPerTenant, hostQueryWaitMs } = options.limits;
  const most = Math.max(1, Math.min(hostQueries, Math.floor(options.connections / 2)));
  /** In the order in which tenants are asked whether they have something waiting. */
  const lines = new Map<string, Line>();
  let underWay = 0;

  function begin(): void {
    for (const [tenantId, line] of lines) {
      if (underWay >= most) return;
      if (line.underWay >= hostQueriesPerTenant) continue;
      const start = line.waiting.shift();
      if (!start) continue;
      lines.delete(tenantId);
      lines.set(tenantId, line);
      underWay++;
      line.underWay++;
      start();
    }
  }

  function end(tenantId: string, line: Line): void {
    underWay--;
    line.underWay--;
    if (line.underWay === 0 && line.waiting.length === 0) lines.delete(tenantId);
    begin();
  }

  return {
    async run(tenantId, work) {
      const line = lines.get(tenantId) ?? { underWay: 0, waiting: [] };
      lines.set(tenantId, line);
      await new Promise<void>((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const start = () => {
          clearTimeout(timer);
          resolve();
        };
        line.waiting.push(start);
        begin();
        if (!line.waiting.includes(start)) return;
        timer = setTimeout(() => {
          const isTenantFull = line.underWay >= hostQueriesPerTenant;
          line.waiting.splice(line.waiting.indexOf(start), 1);
          if (line.underWay === 0 && line.waiting.length === 0) lines.delete(tenantId);
          reject(busy(hostQueryWaitMs, isTenantFull));
        }, hostQueryWaitMs);
      });
      try {
        return await work();
      } finally {
        end(tenantId, line);
      }
    },
  };
}

function busy(waitedMs: number, isTenantFull: boolean): CapabilityError {
  const whose = isTenantFull ? "this tenant's plugins" : "plugins";
  return new CapabilityError(
    "database-busy",
    `It waited ${waitedMs} ms for the operations of ${whose} that were before it. Repeat it later, and do less at a time.`,
    isTenantFull ? "hostQueriesPerTenant" : "hostQueries",
  );
}
