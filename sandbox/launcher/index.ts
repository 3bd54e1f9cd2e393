/** Starts processes with plugins' code from a process beside the host, which never waits for that: docs/decisions/0013. */
import type { Socket } from "node:net";
import type { Priority } from "../walls/index.ts";
import { type Link, openLink } from "./link.ts";
import type { FromLauncher } from "./messages.ts";

/** A process with every wall that this platform gives. None of these throws. */
export interface Runner {
  /**
   * Takes from it what it needed to start; to be waited for before plugin code runs in it. See walls/seal.ts.
   * Rejects when it could not be, also when the process is gone.
   */
  seal(moreBytes: number): Promise<void>;
  setPriority(priority: Priority): void;
  kill(): void;
}

export interface RunnerOptions {
  module: URL;
  flags: string[];
  priority: Priority;
  /** Only bytes come through the socket: an open file that is sent along is dropped. */
  onStarted(socket: Socket): void;
  /** Comes once, when all that it said has been read. */
  onEnd(end: RunnerEnd): void;
}

export interface RunnerEnd {
  how: string;
  /** What it printed last. */
  lastWords: string;
  /** The launcher was lost, and with it all of its processes: nobody's doing but the machine's. */
  isMachines: boolean;
}

interface Launcher {
  start(o: RunnerOptions): Runner;
}

/** So long a start may take before the launcher is taken for lost: it takes some milliseconds. */
const START_MS = 30_000;
/** A launcher that had no process for so long ends, in ms: a host without strangers' plugins has none. */
const IDLE_MS = 60_000;

let current: Launcher | undefined;

/**
 * Starts a process through the host's one launcher, and that with it when there is none.
 * @throws Error when the launcher cannot be started
 */
export function startRunner(o: RunnerOptions): Runner {
  current ??= openLauncher((gone) => {
    if (current === gone) current = undefined;
  });
  return current.start(o);
}

interface Known extends Pick<RunnerOptions, "onStarted" | "onEnd"> {
  socket?: Socket;
  startTimer: NodeJS.Timeout;
  /** Why it has to end, when that is known here alone. */
  why?: string;
  /** Of the seal that was asked for. */
  seal?: { resolve(): void; reject(error: Error): void };
}

/** `onGone` may come twice. */
function openLauncher(onGone: (launcher: Launcher) => void): Launcher {
  const known = new Map<number, Known>();
  const ending = new Set<number>();
  let lastId = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  const restWhenIdle = () => {
    idleTimer = setTimeout(() => {
      onGone(launcher);
      link.kill();
    }, IDLE_MS).unref();
  };
  const end = (id: number, how: RunnerEnd) => {
    const runner = known.get(id);
    if (!runner) return;
    known.delete(id);
    ending.delete(id);
    if (ending.size === 0) link.keepAlive(false);
    if (known.size === 0) restWhenIdle();
    clearTimeout(runner.startTimer);
    runner.seal?.reject(new Error(how.how));
    const { socket } = runner;
    // What it said before it ended may still be on its way.
    if (socket && !socket.closed) socket.once("close", () => runner.onEnd(how));
    else runner.onEnd(how);
  };
  const kill = (id: number) => {
    if (!known.has(id)) return;
    ending.add(id);
    link.keepAlive(true);
    link.send({ type: "kill", id });
  };

  const receive = (message: FromLauncher, socket?: Socket) => {
    const { id } = message;
    const runner = known.get(id);
    if (!runner) return void socket?.destroy();
    if (message.type === "started") {
      socket?.unref();
      Object.assign(runner, { socket });
    } else if (message.type === "released") {
      clearTimeout(runner.startTimer);
      if (runner.socket) return runner.onStarted(runner.socket);
      runner.why = "Its socket was lost on its way: this process has too many files open.";
      kill(id);
    } else if (message.type === "ended") {
      end(id, { how: runner.why ?? message.how, lastWords: message.lastWords, isMachines: false });
    } else if (message.problem === undefined) runner.seal?.resolve();
    else runner.seal?.reject(new Error(message.problem));
  };

  const link: Link = openLink({
    receive,
    onGone(how) {
      onGone(launcher);
      for (const id of [...known.keys()]) {
        // The kernel ends them with the launcher; where it does not, they go when they find this closed.
        known.get(id)?.socket?.destroy();
        end(id, { how, lastWords: "", isMachines: true });
      }
      clearTimeout(idleTimer);
    },
  });

  const launcher: Launcher = {
    start({ module, flags, priority, onStarted, onEnd }) {
      clearTimeout(idleTimer);
      lastId += 1;
      const id = lastId;
      const startTimer = setTimeout(link.kill, START_MS).unref();
      known.set(id, { onStarted, onEnd, startTimer });
      link.send({ type: "start", id, module: module.href, flags, priority });
      return {
        seal(moreBytes) {
          const runner = known.get(id);
          if (!runner) return Promise.reject(new Error("the process has ended"));
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          runner.seal = { resolve, reject };
          link.send({ type: "seal", id, moreBytes });
          return promise;
        },
        setPriority: (to) => link.send({ type: "priority", id, priority: to }),
        kill: () => kill(id),
      };
    },
  };
  return launcher;
}
