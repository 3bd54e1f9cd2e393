import type { RunnableInstall } from "../plugins/index.ts";

/** What nobody waits for but the end of the host. */
export interface Observers {
  /** Begins `work`, which takes on observers. It must not throw. */
  start(work: () => Promise<void>): void;
  /** Runs one observer, unless it would be one too many. @returns the limit that is in the way, if one is */
  takeOn(
    install: RunnableInstall,
    mostPerTenant: number,
    work: () => Promise<void>,
  ): "taken" | "observersPerTenant" | "hostObservers";
  /** Takes on nothing more, and waits up to `graceMs` for those that run. */
  close(graceMs: number): Promise<void>;
}

export function createObservers(options: { most: number; onError(error: unknown): void }): Observers {
  const { most, onError } = options;
  const underWay = new Set<Promise<void>>();
  const perInstall = new Map<string, number>();
  let observing = 0;
  let isClosed = false;

  function hold(work: () => Promise<void>): void {
    const running = work().catch(onError);
    underWay.add(running);
    void running.then(() => underWay.delete(running));
  }

  return {
    start(work) {
      if (!isClosed) hold(work);
    },

    takeOn({ id }, mostPerTenant, work) {
      const ofInstall = perInstall.get(id) ?? 0;
      if (ofInstall >= mostPerTenant) return "observersPerTenant";
      if (observing >= most) return "hostObservers";
      observing++;
      perInstall.set(id, ofInstall + 1);
      hold(async () => {
        try {
          await work();
        } finally {
          observing--;
          const rest = (perInstall.get(id) ?? 1) - 1;
          if (rest > 0) perInstall.set(id, rest);
          else perInstall.delete(id);
        }
      });
      return "taken";
    },

    async close(graceMs) {
      isClosed = true;
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      const drained = (async () => {
        while (underWay.size > 0) await Promise.all(underWay);
      })();
      await Promise.race([drained, timeout]);
      clearTimeout(timer);
    },
  };
}
