import type { Logger } from "@plugboard/service-kit/observe";
import type { ConnectionHealth } from "./health.ts";

/** Looks at due connections now and again, on every host: each takes what no other has taken. */
export function startHealthRounds(options: {
  health: Pick<ConnectionHealth, "lookAtDue">;
  everyMs: number;
  logger: Logger;
}): { stop(): Promise<void> } {
  const { health, everyMs, logger } = options;
  const ending = new AbortController();
  let round: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function plan(): void {
    timer = setTimeout(() => {
      round = health
        .lookAtDue(ending.signal)
        .catch((err) => logger.error({ err }, "connections could not be looked at"))
        .then(() => {
          if (!ending.signal.aborted) plan();
        });
    }, everyMs);
    timer.unref();
  }

  plan();
  return {
    async stop() {
      ending.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
