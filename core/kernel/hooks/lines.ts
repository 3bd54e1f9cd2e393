/** How many runs of one install's waterfalls are under way at a time: below what one tenant may have of calls in a plugin. */
const mostRunning = 32;
/** Further ones wait, the first first; and so many at most. */
const mostWaiting = 1_000;

/**
 * Lets the runs of each install wait for each other: requests come in bursts, and a plugin that has to see all of them
 * must not miss those that it has no room for at the moment.
 */
export interface Lines {
  /** @returns what gives the place back; undefined where no more may wait. @throws the signal's reason */
  enter(installId: string, signal: AbortSignal | undefined): Promise<(() => void) | undefined>;
}

export function createLines(): Lines {
  const lines = new Map<string, { running: number; waiting: Set<() => void> }>();

  function leave(installId: string): void {
    const line = lines.get(installId);
    if (!line) return;
    const [next] = line.waiting;
    if (next) {
      line.waiting.delete(next);
      next();
    } else if (--line.running === 0) lines.delete(installId);
  }

  return {
    async enter(installId, signal) {
      const line = lines.get(installId) ?? { running: 0, waiting: new Set() };
      lines.set(installId, line);
      const done = () => leave(installId);
      if (line.running < mostRunning) {
        line.running++;
        return done;
      }
      if (line.waiting.size >= mostWaiting) return undefined;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = () => {
        if (line.waiting.delete(resolve)) reject(signal?.reason);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      line.waiting.add(resolve);
      await promise.finally(() => signal?.removeEventListener("abort", giveUp));
      return done;
    },
  };
}
