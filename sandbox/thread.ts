import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Tinypool } from "tinypool";
import type { SandboxLimits } from "./limits.ts";
import {
  BOARD,
  type CallTask,
  type DescribeTask,
  type LoadTask,
  type PluginCode,
  type ToWorker,
  type Vitals,
} from "./messages.ts";

/** How a thread ended by itself: what Node says of it. */
export interface ThreadDeath {
  outOfMemory: boolean;
  detail: string;
  /** The call whose code ran last, when that is known. */
  call: number | undefined;
}

export interface ThreadOptions {
  plugin: PluginCode;
  limits: SandboxLimits;
  workerUrl: URL;
  /** The files and folders that the thread may read. */
  readable: string[];
  onMessage(message: unknown): void;
  onOutput(stream: "stdout" | "stderr", text: string): void;
  /** Comes once, unless stop() was called before. */
  onDeath(death: ThreadDeath): void;
}

/** One life of one thread: a tinypool of a single worker, with the plugin loaded. It is never restarted. */
export interface Thread {
  /** Settles when the plugin's code is in the thread; never, when the thread dies first. */
  ready: Promise<void>;
  isReady(): boolean;
  /** What it answers was made in the thread and must be checked. Never settles when the thread dies. */
  run(task: CallTask | DescribeTask): Promise<unknown>;
  post(message: ToWorker, transfer?: ArrayBuffer[]): void;
  /** Handles, now, the messages that have arrived but were not dispatched yet. */
  drain(): void;
  /** The call whose code ran last, by the thread's own account. */
  currentCall(): number;
  lastBeat(): number;
  vitals(): Promise<Vitals>;
  stop(): Promise<void>;
}

/**
 * tinypool asks after every task how much memory the thread uses, for an option that is not used here; the question
 * reads /proc and takes a quarter of a short call. It remembers the function that it finds when the thread starts.
 */
const withoutMemoryQuestion = `--import=data:text/javascript,${encodeURIComponent("process.memoryUsage = () => ({ heapUsed: 0 });")}`;

export function startThread(o: ThreadOptions): Thread {
  const pool = new Tinypool({
    runtime: "worker_threads",
    filename: o.workerUrl.href,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: Number.MAX_SAFE_INTEGER,
    env: {},
    execArgv: [...permissionFlags(o.readable), "--no-warnings", withoutMemoryQuestion],
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(o.limits.heapCeilingBytes / 2 ** 20) },
  });
  // Failures reach us over the worker's own events; tinypool's would be unhandled.
  pool.on("error", () => {});
  const worker = workerOf(pool);
  capture(worker, o);

  const board = new Int32Array(new SharedArrayBuffer(BOARD.length * Int32Array.BYTES_PER_ELEMENT));
  const { port1: port, port2 } = new MessageChannel();
  port.on("message", (message: unknown) => o.onMessage(message));
  port.unref();

  let loaded = false;
  let stopping = false;
  let lastError: (Error & { code?: string }) | undefined;
  worker.prependOnceListener("error", (error: Error) => {
    lastError = error;
    // Or tinypool would put another worker in its place, which nobody uses.
    pool.options.minThreads = 0;
  });
  worker.once("exit", (exitCode) => {
    port.close();
    if (stopping) return;
    stopping = true;
    o.onDeath({
      outOfMemory: lastError?.code === "ERR_WORKER_OUT_OF_MEMORY",
      call: Atomics.load(board, BOARD.call),
      detail: lastError
        ? `${lastError.code ?? lastError.name}: ${lastError.message}`
        : `exit code ${exitCode}`,
    });
  });

  const load: LoadTask = { type: "load", plugin: o.plugin, limits: o.limits, board, port: port2 };
  /** Without an error of the worker, a task that fails is our own code's failure there: an answer that is none. */
  const whileAlive = (answer: Promise<unknown>): Promise<unknown> =>
    new Promise((resolve) => {
      answer.then(resolve, () => {
        if (!lastError && !stopping) resolve(undefined);
      });
    });

  const ready = whileAlive(pool.run(load, { transferList: transferable(port2) })).then(() => {});

  return {
    ready,
    isReady: () => {
      loaded ||= Atomics.load(board, BOARD.loaded) === 1;
      return loaded;
    },
    run: (task) => whileAlive(pool.run(task)),
    post: (message, transfer = []) => port.postMessage(message, transfer),
    drain() {
      for (let left = MAX_DRAINED; left > 0; left -= 1) {
        const next = receiveMessageOnPort(port);
        if (!next) return;
        o.onMessage(next.message);
      }
    },
    currentCall: () => Atomics.load(board, BOARD.call),
    lastBeat: () => Atomics.load(board, BOARD.beat),
    async vitals() {
      const [heap, cpu] = await Promise.all([worker.getHeapStatistics(), worker.cpuUsage()]);
      return {
        heapBytes: heap.used_heap_size,
        externalBytes: heap.external_memory,
        cpuMs: (cpu.user + cpu.system) / 1000,
      };
    },
    async stop() {
      stopping = true;
      // Not pool.destroy(): it throws in the host when the worker fails while it ends (tinypool 2.2, events.once).
      await worker.terminate();
    },
  };
}

/** A thread that writes as fast as the host reads must not hold it here. */
const MAX_DRAINED = 10_000;

const permissionFlags = (readable: string[]): string[] => [
  "--permission",
  ...readable.map((path) => `--allow-fs-read=${path}`),
];

type TransferList = NonNullable<NonNullable<Parameters<Tinypool["run"]>[1]>["transferList"]>;

/** tinypool infers this type from an overload of postMessage, and of Node's present types it meets the wrong one. */
function transferable(...ports: MessagePort[]): TransferList {
  return ports as object as TransferList;
}

function workerOf(pool: Tinypool): Worker {
  const [holder] = pool.threads;
  if (holder && "thread" in holder && holder.thread instanceof Worker) return holder.thread;
  throw new TypeError("tinypool did not start a worker thread.");
}

/** Node pipes a worker's output to the process by itself; it belongs to whoever runs the sandbox, and it is capped. */
function capture(worker: Worker, o: ThreadOptions): void {
  let left = o.limits.outputStreamBytes;
  for (const stream of ["stdout", "stderr"] as const) {
    worker[stream].unpipe(process[stream]);
    worker[stream].on("data", (chunk: Buffer | string) => {
      const text = String(chunk).slice(0, left);
      left -= text.length;
      if (text !== "") o.onOutput(stream, text);
    });
  }
}
