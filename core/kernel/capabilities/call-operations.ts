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
  const waiting = new Set<(error: Error) => void>();
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  return {
    async run<T>(signal: AbortSignal, work: () => Promise<T>) {
      const refuseIfEnded = () => {
        if (isClosed || signal.aborted) throw ended();
      };
      refuseIfEnded();
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      waiting.add(reject);
      turn(async () => {
        waiting.delete(reject);
        refuseIfEnded();
        const begun = work();
        underWay.add(begun);
        return begun.finally(() => underWay.delete(begun));
      }).then(resolve, (error) => {
        waiting.delete(reject);
        reject(error);
      });
      return promise;
    },
    async close() {
      isClosed = true;
      for (const giveUp of waiting) giveUp(ended());
      await Promise.allSettled(underWay);
    },
  };
}
