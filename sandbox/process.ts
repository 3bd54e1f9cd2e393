import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Carrier, CarrierOptions, ThreadDeath } from "./carrier.ts";
import { runnerReadablePaths, runnerUrl } from "./locations.ts";
import type { Vitals } from "./messages.ts";
import { pack, parseFromRunner, type ToRunner } from "./runner-messages.ts";

/** How V8 speaks of memory when it aborts; the last of it is kept. */
const OUT_OF_MEMORY = /heap out of memory|allocation failed|invalid (?:table )?size|invalid array length/i;
const TAIL = 4_096;
/** In multiples of the heap that a plugin may use. */
const CEILING = 4;

/**
 * A thread in a process of its own, behind the interface of one in this process. V8 ends a whole process when an
 * allocation does not fit or a size is out of its range, and compiles some loops so that nothing stops them
 * (nodejs/node#47224): here that costs this process, and not the host's.
 */
export function startProcess(o: CarrierOptions): Carrier {
  const child = fork(runnerUrl, {
    execArgv: [
      "--permission",
      "--allow-worker",
      ...[...o.readable, ...runnerReadablePaths()].map((path) => `--allow-fs-read=${path}`),
      "--no-warnings",
    ],
    env: {},
    serialization: "json",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  preferForOutOfMemory(child.pid);

  const vitalsWaiters: ((vitals: Vitals) => void)[] = [];
  let last = { call: 0, beat: 0 };
  let stopping = false;
  let tail = "";

  const die = (death: ThreadDeath) => {
    if (stopping) return;
    stopping = true;
    child.kill("SIGKILL");
    o.onDeath(death);
  };
  /** Whose doing it was, the process cannot tell any more. */
  const lost = (detail: string) => die({ outOfMemory: OUT_OF_MEMORY.test(tail), detail, call: undefined });

  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      tail = (tail + String(chunk)).slice(-TAIL);
    });
    if (stream instanceof Socket) stream.unref();
  }
  child.on("error", (error) => lost(error.message));
  // Not "exit": its last words, which tell why, may still be in the pipe.
  child.on("close", (exitCode, signal) => lost(`The process ended: ${signal ?? `exit code ${exitCode}`}.`));
  child.on("message", (raw: unknown) => {
    if (stopping) return;
    const message = parseFromRunner(raw);
    if (!message) lost("The process sent a message that is none.");
    else if (message.type === "batch") o.onBatch(message.batch);
    else if (message.type === "vitals") {
      last = message;
      for (const waiter of vitalsWaiters.splice(0)) waiter(message.vitals);
    } else if (message.type === "output") o.onOutput(message.stream, message.text);
    else die(message);
  });
  // Alone it does not keep the host's process alive: the watchdog does, while calls are in flight.
  child.unref();
  child.channel?.unref();

  const send = (message: ToRunner): void => {
    if (child.connected) child.send(message, () => {});
  };
  const { plugin, readable } = o;
  const { heapBytes, heapCeilingBytes } = o.limits;
  // Here V8 may give up: the nearer the ceiling, the less of the machine's memory a plugin can take for a moment.
  const limits = { ...o.limits, heapCeilingBytes: Math.min(heapCeilingBytes, heapBytes * CEILING) };
  send({ type: "start", plugin, limits, readable, workerUrl: o.workerUrl.href });

  return {
    post: (batch) => send({ type: "batch", batch: pack(batch) as unknown[] }),
    currentCall: () => last.call,
    lastBeat: () => last.beat,
    vitals: () => {
      send({ type: "measure" });
      return new Promise((resolve) => vitalsWaiters.push(resolve));
    },
    async stop() {
      stopping = true;
      const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
      if (isGone) return;
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.ref();
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** When the machine runs out of memory, Linux ends this process before the host's. Elsewhere there is no such file. */
function preferForOutOfMemory(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  } catch {
    // Not Linux, or not allowed: then the operating system chooses by size.
  }
}
