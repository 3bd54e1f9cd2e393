/**
 * Runs rounds until it is stopped, one after the other: after the time between two, varied by a quarter, or soon after it
 * was woken. How soon is varied as well: the hosts of a registry hear of news at the same time.
 *
 * @param round must not throw
 */
export function watchRounds(
  round: () => Promise<void>,
  betweenMs: number,
): { wake(): void; stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isWoken = false;
  let isStopped = false;

  function plan(): void {
    if (isStopped) return;
    clearTimeout(timer);
    const inMs = isWoken ? (betweenMs / 4) * Math.random() : betweenMs * (0.75 + Math.random() / 2);
    timer = setTimeout(() => {
      isWoken = false;
      running = round().finally(() => {
        running = undefined;
        plan();
      });
    }, inMs).unref();
  }

  plan();
  return {
    wake() {
      if (isWoken) return;
      isWoken = true;
      if (!running) plan();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
