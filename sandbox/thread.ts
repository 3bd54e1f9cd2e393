import type { Carrier, CarrierOptions } from "./carrier.ts";
import type { Isolation } from "./contract.ts";
import { type CallTask, type DescribeTask, type HostMessage, MAX_BATCH, type ToWorker } from "./messages.ts";
import { startProcess } from "./process.ts";
import { startWorkerThread } from "./worker-thread.ts";

export interface ThreadOptions extends Omit<CarrierOptions, "onBatch" | "isIdle"> {
  isolation: Isolation;
  /** How long it may take until it is ready, in ms; default 60,000. */
  startMs?: number;
  /** Anything that is not the answer to a call. It was made in the thread and must be checked. */
  onMessage(message: unknown): void;
}

/** A thread with the plugin's code, here or in a process of its own. */
export interface Thread extends Pick<Carrier, "currentCall" | "lastBeat" | "vitals" | "setBusy" | "stop"> {
  /** Settles when the plugin's code is in the thread; never, when the thread dies first. */
  ready: Promise<void>;
  isReady(): boolean;
  /**
   * What it answers was made in the thread and must be checked; messages of the call come before. Never answered when
   * the thread dies.
   */
  run(task: CallTask | DescribeTask, onAnswer: (answer: unknown) => void): void;
  post(message: ToWorker, transfer?: ArrayBuffer[]): void;
}

/** Long enough for a machine that swaps; what is not there by then never will be. */
const START_MS = 60_000;

/**
 * What the host has for the thread in one turn of its event loop goes there as one message: each message wakes the
 * other side, and that costs more than a short call does.
 */
export function startThread(o: ThreadOptions): Thread {
  const answers = new Map<number, (answer: unknown) => void>();
  const { promise: ready, resolve: onReady } = Promise.withResolvers<void>();
  let isReady = false;
  let outbox: HostMessage[] = [];
  let toTransfer: ArrayBuffer[] = [];

  const receive = (message: unknown) => {
    if (isOf("result", message)) {
      const onAnswer = answers.get(message.call as number);
      answers.delete(message.call as number);
      // An answer that nobody waits for is like any other nonsense.
      (onAnswer ?? o.onMessage)(message.result);
    } else if (isOf("ready", message) && !isReady) {
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
    isIdle: () => answers.size === 0,
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
  const send = (message: HostMessage) => {
    if (outbox.push(message) === 1) setImmediate(flush);
  };

  return {
    ready,
    isReady: () => isReady,
    run(task, onAnswer) {
      answers.set(task.call, onAnswer);
      send(task);
    },
    post(message, transfer = []) {
      toTransfer.push(...transfer);
      send(message);
    },
    currentCall: carrier.currentCall,
    lastBeat: carrier.lastBeat,
    vitals: carrier.vitals,
    setBusy: carrier.setBusy,
    stop() {
      clearTimeout(startTimer);
      return carrier.stop();
    },
  };
}

const isOf = (type: string, message: unknown): message is Record<string, unknown> =>
  typeof message === "object" && message !== null && "type" in message && message.type === type;
