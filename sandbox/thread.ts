import type { Carrier, CarrierOptions } from "./carrier.ts";
import type { Isolation } from "./contract.ts";
import { type HostMessage, MAX_BATCH } from "./messages.ts";
import { startProcess } from "./process.ts";
import { startWorkerThread } from "./worker-thread.ts";

export interface ThreadOptions extends Omit<CarrierOptions, "onBatch"> {
  isolation: Isolation;
  /** How long it may take until it is ready, in ms; default 60,000. */
  startMs?: number;
  /** An answer to the call of this number, after all other messages of the call. Both were made in the thread and must be checked. */
  onAnswer(call: number, answer: unknown): void;
  /** Anything that is no answer; it must be checked too. */
  onMessage(message: unknown): void;
}

/** A thread with the plugin's code, here or in a process of its own. */
export interface Thread
  extends Pick<Carrier, "currentCall" | "lastBeat" | "vitals" | "setPriority" | "stop"> {
  /** Settles when the plugin's code is in the thread; never, when the thread dies first. */
  ready: Promise<void>;
  isReady(): boolean;
  /** A call is never answered when the thread dies. */
  post(message: HostMessage, transfer?: ArrayBuffer[]): void;
}

/** Long enough for a machine that swaps; what is not there by then never will be. */
const START_MS = 60_000;

/**
 * What the host has for the thread in one turn of its event loop goes there as one message: each message wakes the
 * other side, and that costs more than a short call does.
 */
export function startThread(o: ThreadOptions): Thread {
  const { promise: ready, resolve: onReady } = Promise.withResolvers<void>();
  let isReady = false;
  let outbox: HostMessage[] = [];
  let toTransfer: ArrayBuffer[] = [];

  const receive = (message: unknown) => {
    if (isOf("result", message) && typeof message.call === "number") o.onAnswer(message.call, message.result);
    else if (isOf("ready", message) && !isReady) {
      clearTimeout(startTimer);
      isReady = true;
      onReady();
    } else o.onMessage(message);
  };

  const start = o.isolation === "process" ? startProcess : startWorkerThread;
  const carrier = start({
    ...o,
    onDeath(death) {
      clearTimeout(startTimer);
      o.onDeath(death);
    },
    onBatch(batch) {
      const isBatch = Array.isArray(batch) && batch.length > 0 && batch.length <= MAX_BATCH;
      // An empty one costs its sender next to nothing, and says nothing: an honest thread sends none.
      if (!isBatch) o.onMessage(batch);
      else for (const message of batch) receive(message);
    },
  });

  const { startMs = START_MS } = o;
  const startTimer = setTimeout(() => {
    const detail = `The thread did not start within ${startMs} ms.`;
    o.onDeath({ outOfMemory: false, detail, call: undefined });
  }, startMs).unref();

  const flush = () => {
    const batch = outbox;
    const transfer = toTransfer;
    outbox = [];
    toTransfer = [];
    carrier.post(batch, transfer);
  };
  return {
    ready,
    isReady: () => isReady,
    post(message, transfer) {
      if (transfer) toTransfer.push(...transfer);
      if (outbox.push(message) === 1) setImmediate(flush);
    },
    currentCall: carrier.currentCall,
    lastBeat: carrier.lastBeat,
    vitals: carrier.vitals,
    setPriority: carrier.setPriority,
    stop() {
      clearTimeout(startTimer);
      return carrier.stop();
    },
  };
}

const isOf = (type: string, message: unknown): message is Record<string, unknown> =>
  typeof message === "object" && message !== null && "type" in message && message.type === type;
