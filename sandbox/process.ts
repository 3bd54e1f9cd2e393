import { Socket } from "node:net";
import type { Carrier, CarrierOptions, ThreadDeath } from "./carrier.ts";
import { runnerReadablePaths, runnerUrl } from "./locations.ts";
import type { Vitals } from "./messages.ts";
import { pack, parseFromRunner, type ToRunner } from "./runner-messages.ts";
import { startRunner } from "./walls/index.ts";

/** How V8 speaks of memory when it aborts; the last of it is kept. */
const OUT_OF_MEMORY = /heap out of memory|allocation failed|invalid (?:table )?size|invalid array length/i;
const TAIL = 4_096;
/** In multiples of the heap that a plugin may use. */
const CEILING = 4;
/** What the process may take beyond that ceiling, in multiples of the array buffers that a plugin may have. */
const BUFFERS = 2;
/** For what the relay and Node itself have in hand: messages, code that V8 compiles later. */
const OWN_BYTES = 96 * 2 ** 20;

/**
 * A thread in a process of its own, behind the interface of one in this process. V8 ends a whole process when an
 * allocation does not fit or a size is out of its range, and compiles some loops so that nothing stops them
 * (nodejs/node#47224): here that costs this process, and not the host's.
 */
export function startProcess(o: CarrierOptions): Carrier {
  const runner = startRunner({
    module: runnerUrl(),
    flags: [
      "--permission",
      "--allow-worker",
      ...[...o.readable, ...runnerReadablePaths()].map((path) => `--allow-fs-read=${path}`),
      "--no-warnings",
    ],
    serialization: "json",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const { child } = runner;
  // Here V8 may give up: the nearer the ceiling, the less of the machine's memory a plugin can take for a moment.
  const heapCeilingBytes = Math.min(o.limits.heapCeilingBytes, o.limits.heapBytes * CEILING);

  const vitalsWaiters: ((vitals: Vitals) => void)[] = [];
  let last = { call: 0, beat: 0 };
  /** What is held back until the process is sealed; afterwards nothing is. */
  let held: ToRunner[] | undefined = [];
  let sealing = false;
  let stopping = false;
  let tail = "";

  const die = (death: ThreadDeath) => {
    if (stopping) return;
    stopping = true;
    runner.kill();
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
    else if (message.type === "batch") {
      // The first thing that a thread says is that it has started.
      if (!sealing) sealThenSend();
      o.onBatch(message.batch);
    } else if (message.type === "vitals") {
      last = message;
      for (const waiter of vitalsWaiters.splice(0)) waiter(message.vitals);
    } else if (message.type === "output") o.onOutput(message.stream, message.text);
    else die(message);
  });
  // Alone it does not keep the host's process alive: the watchdog does, while calls are in flight.
  child.unref();
  child.channel?.unref();

  const send = (message: ToRunner): void => {
    if (held) held.push(message);
    else if (child.connected) child.send(message, () => {});
  };
  const sealThenSend = () => {
    sealing = true;
    runner.seal(heapCeilingBytes + o.limits.externalBytes * BUFFERS + OWN_BYTES).then(
      () => {
        const messages = held ?? [];
        held = undefined;
        for (const message of messages) send(message);
      },
      (error: Error) => lost(`The process could not be sealed: ${error.message}`),
    );
  };
  const { plugin, readable } = o;
  const workerUrl = o.workerUrl.href;
  const start: ToRunner = {
    type: "start",
    plugin,
    limits: { ...o.limits, heapCeilingBytes },
    readable,
    workerUrl,
  };
  child.send(start, () => {});

  return {
    post: (batch) => send({ type: "batch", batch: pack(batch) as unknown[] }),
    // As it last told. While it is asked and does not answer, whose code runs now is not known.
    currentCall: () => (vitalsWaiters.length > 0 ? 0 : last.call),
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
      runner.kill();
      await gone;
    },
  };
}
