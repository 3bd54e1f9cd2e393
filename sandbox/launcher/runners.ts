import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { type RunnerProcess, startRunner } from "../walls/index.ts";
import type { FromLauncher, ToLauncher } from "./messages.ts";

/** How V8 speaks of memory when it aborts; the last of it is kept. */
const TAIL_CHARS = 4_096;
/** A process's own last words are a few lines; one that goes on is not ours any more. */
const MAX_PRINTED_BYTES = 2 ** 20;

/** The processes with plugins' code, as the launcher has them. Nothing that one prints is read but to be passed on. */
export interface Runners {
  handle(message: ToLauncher): void;
  killAll(): void;
}

/**
 * @param way the walls around them, see walls/launch.ts
 * @param tell `socket` goes along with the message, and is nobody's here any more
 */
export function createRunners(way: number, tell: (message: FromLauncher, socket?: Socket) => void): Runners {
  const runners = new Map<number, RunnerProcess>();

  const start = ({ id, module, flags, priority }: ToLauncher & { type: "start" }) => {
    let runner: RunnerProcess;
    try {
      runner = startRunner({ module: new URL(module), flags, priority, way });
    } catch (error) {
      return tell({ type: "ended", id, how: messageOf(error), lastWords: "" });
    }
    runners.set(id, runner);
    let lastWords = "";
    let why: string | undefined;
    const end = (how: string) => {
      if (runners.delete(id)) tell({ type: "ended", id, how: why ?? how, lastWords });
    };
    const listenTo = (stream: Readable | null) => {
      let printedBytes = 0;
      stream?.on("data", (chunk: Buffer) => {
        printedBytes += chunk.length;
        if (printedBytes <= MAX_PRINTED_BYTES) lastWords = (lastWords + String(chunk)).slice(-TAIL_CHARS);
        else if (!why) {
          why = "The process printed without end.";
          runner.kill();
        }
      });
    };
    const { child, socket } = runner;
    listenTo(child.stdout);
    listenTo(child.stderr);
    child.on("error", (error) => end(error.message));
    // Not "exit": its last words, which tell why, may still be in the pipe.
    child.on("close", (exitCode, signal) => end(`The process ended: ${signal ?? `exit code ${exitCode}`}.`));
    tell({ type: "started", id }, socket);
    tell({ type: "released", id });
  };

  return {
    handle(message) {
      if (message.type === "start") return start(message);
      const { id } = message;
      const runner = runners.get(id);
      if (message.type === "kill") runner?.kill();
      else if (message.type === "priority") runner?.setPriority(message.priority);
      else if (!runner) tell({ type: "sealed", id, problem: "the process has ended" });
      else
        runner.seal(message.moreBytes).then(
          () => tell({ type: "sealed", id }),
          (error: unknown) => tell({ type: "sealed", id, problem: messageOf(error) }),
        );
    },
    killAll() {
      for (const runner of runners.values()) runner.kill();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
