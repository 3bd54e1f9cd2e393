import type { RunnableInstall } from "../plugins/index.ts";

/** What nobody waits for but the end of the host. */
export interface Observers {
  /** Begins `work`, which takes on observers. It must not throw. */
  start(work: () => Promise<void>): void;
  /** Runs one observer, unless it would be one too many. @returns the limit that is in the way, if one is */
  takeOn(
    install: RunnableInstall,
    mostPerTenant: number,
    work: () => Promise<unknown>,
  ): "taken" | "observersPerTenant" | "hostObservers";
  /** Takes on nothing more, and waits up to `graceMs` for those that run. */
  close(graceMs: number): Promise<void>;
}

export function createObservers(options: { most: number; onError(error: unknown): void }): Observers {
  const { most, onError } = options;
  const underWay = new Set<Promise<void>>();
  const perInstall = new Map<string, number>();
  const perTenant = new Map<string, number>();
  /** One tenant, with however many plugins, leaves the others most of the room. */
  const mostOfTenant = Math.max(1, Math.floor(most / 4));
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

    takeOn({ id, tenantId }, mostPerTenant, work) {
      const isFull =
        (perInstall.get(id) ?? 0) >= mostPerTenant || (perTenant.get(tenantId) ?? 0) >= mostOfTenant;
      if (isFull) return "observersPerTenant";
      if (observing >= most) return "hostObservers";
      observing++;
      add(perInstall, id, 1);
      add(perTenant, tenantId, 1);
      hold(async () => {
        try {
          await work();
        } finally {
          observing--;
          add(perInstall, id, -1);
          add(perTenant, tenantId, -1);
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

function add(counts: Map<string, number>, key: string, difference: number): void {
  const count = (counts.get(key) ?? 0) + difference;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
