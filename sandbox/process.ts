import { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Carrier, CarrierOptions, ThreadDeath } from "./carrier.ts";
import { openJsonLines } from "./json-lines.ts";
import { runnerReadablePaths, runnerUrl } from "./locations.ts";
import type { Measured } from "./messages.ts";
import {
  type FromRunner,
  inLines,
  MAX_LINE_PARTS,
  maxLineBytes,
  parseFromRunner,
  type ToRunner,
} from "./runner-messages.ts";
import { startRunner } from "./walls/index.ts";

/** How V8 speaks of memory when it aborts; the last of it is kept. */
const OUT_OF_MEMORY = /heap out of memory|allocation failed|invalid (?:table )?size|invalid array length/i;
const TAIL_CHARS = 4_096;
/** Its own last words are a few lines; one that goes on is not ours any more. */
const MAX_PRINTED_BYTES = 2 ** 20;
/** What one without calls may send: what it had printed, answers to pings. Nobody watches it then. */
const MAX_IDLE_BYTES = 2 ** 20;
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
    priority: o.startsBusy ? "busy" : "usual",
  });
  const { child } = runner;
  // Here V8 may give up: the nearer the ceiling, the less of the machine's memory a plugin can take for a moment.
  const heapCeilingBytes = Math.min(o.limits.heapCeilingBytes, o.limits.heapBytes * CEILING);

  const vitalsWaiters: ((vitals: Measured) => void)[] = [];
  let last = { call: 0, beat: 0, cpuMs: 0 };
  let step: "while it started" | "while it was sealed" | undefined = "while it started";
  let stopping = false;
  let tail = "";
  let outputLeft = o.limits.outputStreamBytes;

  const die = (death: ThreadDeath) => {
    if (stopping) return;
    stopping = true;
    runner.kill();
    lines.close();
    o.onDeath(death);
  };
  /** Whose doing it was, the process cannot tell any more. Its last words are for the operator. */
  const lost = (what: string) => {
    const detail = [what, step && `(${step})`, tail && `Its last words: ${tail.trim()}`];
    die({ outOfMemory: OUT_OF_MEMORY.test(tail), detail: detail.filter(Boolean).join(" "), call: undefined });
  };

  const listenTo = (stream: Readable | null) => {
    let printedBytes = 0;
    stream?.on("data", (chunk: Buffer) => {
      printedBytes += chunk.length;
      if (printedBytes > MAX_PRINTED_BYTES) lost("The process printed without end.");
      else tail = (tail + String(chunk)).slice(-TAIL_CHARS);
    });
    if (stream instanceof Socket) stream.unref();
  };
  listenTo(child.stdout);
  listenTo(child.stderr);
  child.on("error", (error) => lost(error.message));
  // Not "exit": its last words, which tell why, may still be in the pipe.
  child.on("close", (exitCode, signal) => lost(`The process ended: ${signal ?? `exit code ${exitCode}`}.`));

  const receive = (message: FromRunner) => {
    if (message.type === "batch") {
      // The first thing that a thread says is that it has started; nobody hears of it before it is sealed.
      if (step === "while it started") sealThen(() => o.onBatch(message.batch));
      else if (step) lost("The process spoke before it was asked anything.");
      else o.onBatch(message.batch);
    } else if (message.type === "vitals") {
      const waiter = vitalsWaiters.shift();
      if (!waiter) return lost("The process told of itself without being asked.");
      const { call, cpuMs } = message.vitals;
      if (cpuMs < last.cpuMs) return lost("The process told of less time than before.");
      last = { call, beat: message.beat, cpuMs };
      waiter(message.vitals);
    } else if (message.type === "output") {
      const { stream, text } = message;
      outputLeft -= text.length;
      // The process holds this limit itself, as long as it is ours, and passes nothing on that is empty.
      if (text === "" || outputLeft < 0) lost("The process passed on more output than there may be.");
      else o.onOutput(stream, text);
    } // What it printed comes another way, and is read in the same turn.
    else if (step) setImmediate(lost, message.detail);
    // Named only when it did so before as well: of code that has broken out nothing is certain, and of the last few
    // milliseconds of an honest thread not much.
    else die({ ...message, call: message.call === last.call ? message.call : undefined });
  };
  const lines = openJsonLines(runner.socket, {
    maxBytes: maxLineBytes(o.limits),
    maxParts: MAX_LINE_PARTS,
    onValue(raw) {
      if (stopping) return;
      const message = parseFromRunner(raw);
      if (message) receive(message);
      else lost("The process sent a message that is none.");
    },
    onNonsense: (why) => lost(`The process sent ${why}.`),
  });
  let idleBytes = 0;
  runner.socket.on("data", (chunk: Buffer) => {
    idleBytes = o.isIdle() && !step ? idleBytes + chunk.length : 0;
    if (idleBytes > MAX_IDLE_BYTES) lost("The process went on without a call.");
  });
  // Alone it does not keep the host's process alive: the watchdog does, while calls are in flight.
  child.unref();
  runner.socket.unref();

  /** Lines that are held back until the process is sealed; afterwards nothing is. */
  let held: string[] | undefined = [];
  const sendWhenSealed = (line: string): void => {
    if (held) held.push(line);
    else lines.send(line);
  };
  const sealThen = (announce: () => void) => {
    step = "while it was sealed";
    runner.seal(heapCeilingBytes + o.limits.externalBytes * BUFFERS + OWN_BYTES).then(
      () => {
        if (stopping) return;
        step = undefined;
        for (const line of held ?? []) lines.send(line);
        held = undefined;
        announce();
      },
      (error: Error) => lost(`The process could not be sealed: ${error.message}`),
    );
  };
  const { plugin, readable } = o;
  const limits = { ...o.limits, heapCeilingBytes };
  lines.send(textOf({ type: "start", plugin, limits, readable, workerUrl: o.workerUrl.href }));

  return {
    post(batch) {
      try {
        for (const line of inLines(batch)) sendWhenSealed(line);
      } catch (error) {
        // One message is longer than V8 makes any text. That must not end the host.
        lost(`A message could not be written: ${error instanceof Error ? error.message : "unknown"}.`);
      }
    },
    // As it last told. While it is asked and does not answer, whose code runs now is not known.
    currentCall: () => (vitalsWaiters.length > 0 ? 0 : last.call),
    lastBeat: () => last.beat,
    vitals: () => {
      sendWhenSealed(textOf({ type: "measure" }));
      return new Promise((resolve) => vitalsWaiters.push(resolve));
    },
    setBusy: (isBusy) => runner.setPriority(isBusy ? "busy" : "usual"),
    async stop() {
      stopping = true;
      const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
      if (isGone) return;
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.ref();
      runner.kill();
      lines.close();
      await gone;
    },
  };
}

const textOf = (message: ToRunner): string => JSON.stringify(message);
