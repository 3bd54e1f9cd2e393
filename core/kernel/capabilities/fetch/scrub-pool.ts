import type { Scrubber } from "@plugboard/plugin-sdk/exchange";
import Tinypool from "tinypool";

/** Takes secrets out of bodies without holding up the thread that serves everybody. */
export interface ScrubPool {
  /**
   * Gives the body without the secrets, in memory of its own.
   * @param queue whose body it is: of one queue one is looked through at a time, so that many do not stand before others'
   */
  scrub(body: Buffer, scrubber: Scrubber, queue: string): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** About a millisecond's work; a larger body is worth the way to another thread and back. */
const largestHere = 64 * 1024;

const threads = 2;
const idleThreadMs = 30_000;

export function createScrubPool(): ScrubPool {
  let pool: Tinypool | undefined;
  const queues = new Map<string, Promise<unknown>>();

  function scrubThere(body: Buffer, secrets: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    pool ??= new Tinypool({
      filename: new URL("./scrub-thread.ts", import.meta.url).href,
      runtime: "worker_threads",
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: idleThreadMs,
      env: {},
    });
    const bytes = new Uint8Array(body);
    return pool.run({ bytes, secrets }, { transferList: [bytes.buffer] as never });
  }

  return {
    async scrub(body, scrubber, queue) {
      const { secrets } = scrubber;
      // A copy of its own: Buffers are windows into memory shared with other requests, and a window crosses to the
      // sandbox's thread with all the memory behind it.
      if (body.length <= largestHere || secrets.length === 0) return new Uint8Array(scrubber.bytes(body));
      const before = queues.get(queue) ?? Promise.resolve();
      const scrubbed = before.then(() => scrubThere(body, secrets));
      const settled = scrubbed.catch(() => {});
      queues.set(queue, settled);
      try {
        return await scrubbed;
      } finally {
        if (queues.get(queue) === settled) queues.delete(queue);
      }
    },
    async close() {
      await pool?.destroy();
    },
  };
}
