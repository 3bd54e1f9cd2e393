import type { Buffered } from "../buffers.ts";
import type { Clock } from "../clock.ts";
import type { EgressLimits } from "../limits.ts";
import { createTokenBucket } from "../pacing/index.ts";

export interface Arrived {
  bytes: Buffer;
  isBinary: boolean;
}

/** What has come and nobody has taken yet. Reading stops while there is enough of it, or while it comes too fast. */
export interface Inbox {
  /** A piece of what may become a message. @throws EgressLimitReached */
  arriving(bytes: number): void;
  /** @throws EgressLimitReached */
  put(message: Arrived): void;
  /** A ping or pong of so many bytes: it counts as a message does, but that nothing is kept. */
  note(bytes: number): void;
  /** Those that are there, the oldest first; with this those taken before are given up. Empty if there is none. */
  take(): Arrived[];
  readonly isEmpty: boolean;
  /** Since when a message is on its way that has not all come, by the clock, while this side reads; undefined if none is. */
  readonly unfinishedSince: number | undefined;
  close(): void;
}

/** Of a ping or pong, which is short, from a server, which masks nothing (RFC 6455, section 5.2). */
const headerBytes = 2;

/** What a message takes besides its bytes, about, so that many empty ones count too. */
const bytesAround = 256;

export function createInbox(options: {
  limits: EgressLimits;
  clock: Clock;
  /** A fresh account of memory of this connection. */
  hold: () => Buffered;
  /** Stops reading, and goes on. */
  flow: { pause(why: "full" | "fast"): void; resume(): void };
}): Inbox {
  const { limits, clock, hold, flow } = options;
  const { maxStreamQueuedMessages, maxStreamQueuedBytes, maxStreamMessagesPerSecond: perSecond } = limits;
  const pace = createTokenBucket(() => ({ capacity: perSecond, refillPerSecond: perSecond }));
  const partial = hold();
  let partialBytes = 0;
  let unfinishedSince: number | undefined;
  let waiting: Arrived[] = [];
  let waitingBytes = 0;
  let held = hold();
  let taken: Buffered | undefined;
  let stopWaiting: (() => void) | undefined;
  let isPaused = false;

  function regulate(): void {
    const isFull = waiting.length >= maxStreamQueuedMessages || waitingBytes >= maxStreamQueuedBytes;
    const waitMs = pace.waitMs(clock.now(), 1);
    if (waitMs > 0) stopWaiting ??= clock.after(Math.ceil(waitMs), afterWait);
    const mustPause = isFull || stopWaiting !== undefined;
    if (mustPause && !isPaused) flow.pause(isFull ? "full" : "fast");
    if (!mustPause && isPaused) {
      // What was not read could not come.
      if (unfinishedSince !== undefined) unfinishedSince = clock.now();
      flow.resume();
    }
    isPaused = mustPause;
  }

  function afterWait(): void {
    stopWaiting = undefined;
    regulate();
  }

  function count(): void {
    pace.take(clock.now(), 1);
    regulate();
  }

  /** What had arrived has become something whole, of which less is left. */
  function leave(bytes: number): void {
    partialBytes = Math.max(0, bytes);
    if (partialBytes === 0) unfinishedSince = undefined;
    partial.release();
    partial.keep(partialBytes);
  }

  return {
    arriving(bytes) {
      partial.grow(bytes);
      partialBytes += bytes;
      unfinishedSince ??= clock.now();
    },
    put(message) {
      leave(0);
      held.grow(bytesAround + message.bytes.length);
      waiting.push(message);
      waitingBytes += message.bytes.length;
      count();
    },
    note(bytes) {
      leave(partialBytes - bytes - headerBytes);
      count();
    },
    take() {
      taken?.release();
      const messages = waiting;
      taken = held;
      held = hold();
      waiting = [];
      waitingBytes = 0;
      regulate();
      return messages;
    },
    get isEmpty() {
      return waiting.length === 0;
    },
    get unfinishedSince() {
      return unfinishedSince;
    },
    close() {
      stopWaiting?.();
      for (const one of [partial, held, taken]) one?.release();
      waiting = [];
    },
  };
}
