import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../observe/index.ts";
import { type EmbeddedServer, joinServer } from "./server.ts";

const retryMs = 1_000;

/**
 * Watches over a host's lease. If the server is killed, or restarts itself because one of its
 * processes was, the lease goes with it: then the server is started again, or adopted again, on the
 * same port, and connection pools find it there.
 */
export function keepJoined(
  first: EmbeddedServer,
  o: { dataDir: string; logger: Logger; keepsProcessAlive: boolean },
): { leave(): Promise<void> } {
  const stopping = new AbortController();
  let current: EmbeddedServer | undefined = first;

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (!current) return;
      const reason = await Promise.race([current.lease.lost, aborted(stopping.signal)]);
      if (stopping.signal.aborted) return;
      o.logger.warn({ err: reason }, "lost PostgreSQL; bringing it back");
      current = undefined;
      current = await rejoin();
    }
  }

  async function rejoin(): Promise<EmbeddedServer | undefined> {
    while (!stopping.signal.aborted) {
      try {
        const server = await joinServer({ ...o, rejoin: { port: first.port }, signal: stopping.signal });
        o.logger.info("PostgreSQL is back");
        return server;
      } catch (error) {
        if (stopping.signal.aborted) return undefined;
        o.logger.error({ err: error }, "PostgreSQL could not be brought back; trying again");
        await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
    return undefined;
  }

  const watching = watch();
  return {
    async leave() {
      stopping.abort();
      await watching;
      await current?.leave();
    },
  };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
