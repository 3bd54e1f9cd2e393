import type { Turn } from "./turns.ts";

/** What a capability of one call has under way in the database. */
export interface CallOperations {
  /** Runs `work` when it is its turn, unless the call has ended by then. @throws what `ended` gives, if it has */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Gives up what waits, and waits for what the database is at already: nothing lands after the call's answer. */
  close(): Promise<void>;
}

export function createCallOperations(options: { turn: Turn; ended: () => Error }): CallOperations {
  const { turn, ended } = options;
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  return {
    async run(signal, work) {
      const refuseIfEnded = () => {
        if (isClosed || signal.aborted) throw ended();
      };
      refuseIfEnded();
      const running = turn(() => {
        refuseIfEnded();
        return work();
      });
      underWay.add(running);
      try {
        return await running;
      } finally {
        underWay.delete(running);
      }
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}
