import type { Socket } from "node:net";
import type { CarrierOptions } from "./carrier.ts";
import { type JsonLines, openJsonLines } from "./json-lines.ts";
import { type RunnerEnd, startRunner } from "./launcher/index.ts";
import { runnerReadablePaths, runnerUrl } from "./locations.ts";
import {
  type FromRunner,
  MAX_LINE_PARTS,
  maxLineBytes,
  parseFromRunner,
  type ToRunner,
} from "./runner-messages.ts";
import type { Priority } from "./walls/index.ts";
import type { ThreadShape } from "./worker-thread.ts";

/** How V8 speaks of memory when it aborts. */
const OUT_OF_MEMORY = /heap out of memory|allocation failed|invalid (?:table )?size|invalid array length/i;
/** What one without calls may send: what it had printed, answers to pings. Nobody watches it then. */
const MAX_IDLE_BYTES = 2 ** 20;
/** In multiples of the heap that a plugin may use. */
const CEILING = 4;
/** What the process may take beyond that ceiling, in multiples of the array buffers that a plugin may have. */
const BUFFERS = 2;
/** For what the relay and Node itself have in hand: messages, code that V8 compiles later. */
const OWN_BYTES = 96 * 2 ** 20;
/** Long enough for a machine that swaps; what is not ready by then never will be. */
const PREPARE_MS = 60_000;

/** What a process is made and sealed with. It may take any plugin whose limits come to the same. */
export interface ProcessShape extends ThreadShape {
  /** What it may take once it is sealed, in bytes. */
  moreBytes: number;
  maxLineBytes: number;
}

export function shapeOf({ limits, workerUrl, readable }: Omit<CarrierOptions, "plugin">): ProcessShape {
  // Here V8 may give up: the nearer the ceiling, the less of the machine's memory a plugin can take for a moment.
  const heapCeilingBytes = Math.min(limits.heapCeilingBytes, limits.heapBytes * CEILING);
  return {
    workerUrl,
    readable,
    heapCeilingBytes,
    outputStreamBytes: limits.outputStreamBytes,
    moreBytes: heapCeilingBytes + limits.externalBytes * BUFFERS + OWN_BYTES,
    maxLineBytes: maxLineBytes(limits),
  };
}

/** A sealed process with a thread in it that has our own code, and no plugin's before `use`. */
export interface PluginProcess {
  /** From now on it is this one's, and not any more whose it was. */
  use(user: ProcessUser): void;
  send(message: ToRunner | { line: string }): void;
  setPriority(priority: Priority): void;
  /** Ends it, and tells its user. */
  lose(why: string): void;
  /** Ends it; its user hears no more. Settles when it is gone. */
  stop(): Promise<void>;
}

export interface ProcessUser {
  onMessage(message: FromRunner): void;
  /** Whether no call is in flight, so that it has nothing to say. */
  isIdle(): boolean;
  /** Comes once, unless stop() was called before. */
  onLost(loss: ProcessLoss): void;
}

export interface ProcessLoss {
  outOfMemory: boolean;
  detail: string;
  isMachines: boolean;
}

/**
 * Starts a process and seals it. One of the two is called, once. Returns what changes its priority meanwhile.
 * @throws Error when the launcher cannot be started
 */
export function preparePluginProcess(o: {
  shape: ProcessShape;
  priority: Priority;
  onPrepared(process: PluginProcess): void;
  onFailed(loss: ProcessLoss): void;
}): Pick<PluginProcess, "setPriority"> {
  const { shape } = o;
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  let step: "while it started" | "while it was sealed" | undefined = "while it started";
  let user: ProcessUser | undefined;
  let isOver = false;
  let idleBytes = 0;
  let lines: JsonLines | undefined;

  const lost = (what: string, { lastWords = "", isMachines = false }: Partial<RunnerEnd> = {}) => {
    if (isOver) return;
    close();
    const outOfMemory = OUT_OF_MEMORY.test(lastWords);
    const said = lastWords && `Its last words: ${lastWords.trim()}`;
    const detail = [what, step && `(${step})`, said].filter(Boolean).join(" ");
    const loss = { outOfMemory, detail, isMachines };
    if (step) o.onFailed(loss);
    else user?.onLost(loss);
  };
  const close = () => {
    isOver = true;
    clearTimeout(timer);
    runner.kill();
    lines?.close();
  };

  const takeSteps = (message: FromRunner) => {
    if (message.type === "prepared" && step === "while it started") seal();
    // What it printed comes another way, and what the thread printed is not anybody's yet.
    else if (message.type === "death") diedOf ??= message.detail;
    else if (message.type !== "output") return lost("The process spoke before it was asked anything.");
    if (diedOf) runner.kill();
  };
  /** Of a thread that died while it started. */
  let diedOf: string | undefined;

  const seal = () => {
    step = "while it was sealed";
    runner.seal(shape.moreBytes).then(
      () => {
        if (isOver) return;
        step = undefined;
        clearTimeout(timer);
        o.onPrepared(own);
      },
      (error: Error) => lost(`The process could not be sealed: ${error.message}`),
    );
  };

  const open = (socket: Socket) => {
    if (isOver) return void socket.destroy();
    lines = openJsonLines(socket, {
      maxBytes: shape.maxLineBytes,
      maxParts: MAX_LINE_PARTS,
      onValue(raw) {
        if (isOver) return;
        const message = parseFromRunner(raw);
        if (!message) lost("The process sent a message that is none.");
        else if (user) user.onMessage(message);
        else takeSteps(message);
      },
      onNonsense: (why) => lost(`The process sent ${why}.`),
    });
    socket.on("data", (chunk: Buffer) => {
      idleBytes = !user || user.isIdle() ? idleBytes + chunk.length : 0;
      if (idleBytes > MAX_IDLE_BYTES) lost("The process went on without a call.");
    });
    const { workerUrl, readable, heapCeilingBytes, outputStreamBytes } = shape;
    const text = { workerUrl: workerUrl.href, readable, heapCeilingBytes, outputStreamBytes };
    own.send({ type: "prepare", ...text });
  };

  const own: PluginProcess = {
    use(by) {
      user = by;
      idleBytes = 0;
    },
    send: (message) => lines?.send("line" in message ? message.line : JSON.stringify(message)),
    setPriority: (priority) => runner.setPriority(priority),
    lose: lost,
    stop() {
      if (!isOver) close();
      return gone;
    },
  };

  const runner = startRunner({
    module: runnerUrl(),
    flags: [
      "--permission",
      "--allow-worker",
      ...[...shape.readable, ...runnerReadablePaths()].map((path) => `--allow-fs-read=${path}`),
      "--no-warnings",
    ],
    priority: o.priority,
    onStarted: open,
    onEnd(end) {
      onGone();
      lost(diedOf ?? end.how, end);
    },
  });
  const timer = setTimeout(lost, PREPARE_MS, `The process was not ready within ${PREPARE_MS} ms.`).unref();
  return own;
}
