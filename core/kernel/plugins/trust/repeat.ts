/**
 * Looks now and again until it is stopped, never twice at once. The time between is varied by a quarter, so that hosts
 * do not come all at once.
 */
export function repeat(look: () => Promise<void>, everyMs: number): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  const plan = () => {
    if (isStopped) return;
    timer = setTimeout(
      () => {
        running = look().finally(plan);
      },
      everyMs * (0.75 + Math.random() / 2),
    ).unref();
  };
  plan();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
