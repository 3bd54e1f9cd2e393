import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { Tinypool } from "tinypool";
import type { Carrier, CarrierOptions } from "./carrier.ts";
import { BOARD, type LoadTask, type PluginCode, type WorkerLimits } from "./messages.ts";

/** What a thread is made with, whichever plugin comes into it. */
export interface ThreadShape extends Pick<CarrierOptions, "workerUrl" | "readable"> {
  /** See SandboxLimits. */
  heapCeilingBytes: number;
  outputStreamBytes: number;
}

/** A thread with our own code in it, and no plugin's yet. */
export interface PreparedThread {
  /** Settles when that code is there; never, when the thread dies first. */
  prepared: Promise<void>;
  /** Once. */
  load(plugin: PluginCode, limits: WorkerLimits): Carrier;
}

/**
 * One life of one thread: a tinypool of a single worker, which makes it, holds it to its permissions and loads the plugin
 * there. Calls then travel over a channel of our own, many in one message: a task of tinypool's for each costs a
 * wake-up for each. The thread is never restarted.
 */
export function startWorkerThread(o: CarrierOptions): Carrier {
  const { plugin, limits } = o;
  const { heapCeilingBytes, outputStreamBytes } = limits;
  return prepareWorkerThread({ ...o, heapCeilingBytes, outputStreamBytes }).load(plugin, limits);
}

export function prepareWorkerThread(
  o: ThreadShape & Pick<CarrierOptions, "onBatch" | "onOutput" | "onDeath">,
): PreparedThread {
  const pool = new Tinypool({
    runtime: "worker_threads",
    filename: o.workerUrl.href,
    minThreads: 1,
    maxThreads: 1,
    // Or tinypool's loop would sleep between tasks and not hear the channel; worker/host-port.ts has a sleep of its own.
    useAtomics: false,
    env: {},
    execArgv: [...permissionFlags(o.readable), "--no-warnings"],
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(o.heapCeilingBytes / 2 ** 20) },
  });
  // Failures reach us over the worker's own events; tinypool's would be unhandled.
  pool.on("error", () => {});
  const worker = workerOf(pool);
  const { promise: prepared, resolve: onPrepared } = Promise.withResolvers<void>();
  // The first that tinypool's loop in there says, when it has loaded our code.
  worker.once("message", () => onPrepared());
  capture(worker, o);

  const board = new Int32Array(new SharedArrayBuffer(BOARD.length * Int32Array.BYTES_PER_ELEMENT));
  const { port1: port, port2 } = new MessageChannel();
  port.on("message", o.onBatch);
  port.unref();

  let stopping = false;
  let lastError: ReturnType<typeof readError> | undefined;
  const die = (detail: string) => {
    port.close();
    if (stopping) return;
    stopping = true;
    const outOfMemory = lastError?.code === "ERR_WORKER_OUT_OF_MEMORY";
    o.onDeath({ outOfMemory, detail, call: Atomics.load(board, BOARD.call) });
  };
  worker.prependOnceListener("error", (error: unknown) => {
    lastError = readError(error);
    // Or tinypool would put another worker in its place, which nobody uses.
    pool.options.minThreads = 0;
  });
  worker.once("exit", (exitCode) =>
    die(lastError ? `${lastError.code}: ${lastError.message}` : `exit code ${exitCode}`),
  );

  const carrier: Carrier = {
    post(batch, transfer) {
      port.postMessage(batch, transfer);
      Atomics.add(board, BOARD.letters, 1);
      Atomics.notify(board, BOARD.letters);
    },
    currentCall: () => Atomics.load(board, BOARD.call),
    lastBeat: () => Atomics.load(board, BOARD.beat),
    async vitals() {
      const turn = Atomics.load(board, BOARD.turn);
      const [heap, cpu] = await Promise.all([worker.getHeapStatistics(), worker.cpuUsage()]);
      return {
        heapBytes: heap.used_heap_size,
        externalBytes: heap.external_memory,
        cpuMs: (cpu.user + cpu.system) / 1000,
        ...(Atomics.load(board, BOARD.turn) === turn && { turn }),
        call: Atomics.load(board, BOARD.call),
      };
    },
    setPriority() {},
    async stop() {
      stopping = true;
      // Not pool.destroy(): it throws in the host when the worker fails while it ends (tinypool 2.2, events.once).
      await worker.terminate();
    },
  };

  return {
    prepared,
    load(plugin, limits) {
      const load: LoadTask = { type: "load", plugin, limits, board, port: port2 };
      // With an error of the worker its exit follows, which says more.
      pool
        .run(load, { transferList: transferable(port2) })
        .catch((error: Error) => lastError || die(`The thread did not start: ${error.message}`));
      return carrier;
    },
  };
}

/** A thread may end with anything that can be thrown, also with what cannot be made text. */
function readError(error: unknown): { code: string; message: string } {
  const { code, name, message } = (error ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" ? value : typeof value);
  return { code: text(code ?? name), message: text(message) };
}

/**
 * Node lets code under `--permission` read its own entry point, and for a thread takes the process's working directory,
 * with all beneath it, for that (26.10): the host's data folder, as a rule. It does not when it is told that there is no
 * entry point; a thread heeds nothing else of `--interactive`.
 */
const WITHOUT_WORKING_DIRECTORY = "--interactive";

const permissionFlags = (readable: string[]): string[] => [
  "--permission",
  WITHOUT_WORKING_DIRECTORY,
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
function capture(worker: Worker, o: ThreadShape & Pick<CarrierOptions, "onOutput">): void {
  let left = o.outputStreamBytes;
  for (const stream of ["stdout", "stderr"] as const) {
    worker[stream].unpipe(process[stream]);
    worker[stream].on("data", (chunk: Buffer | string) => {
      const text = String(chunk).slice(0, left);
      left -= text.length;
      if (text !== "") o.onOutput(stream, text);
    });
  }
}
