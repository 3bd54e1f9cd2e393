/** The walls of the operating system around a process with plugin code: docs/decisions/0008. */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { defaultWorkerUrl, readablePaths, runnerReadablePaths } from "../locations.ts";
import { chooseLaunch, findTool, type Launch, launchOf, type Wall } from "./launch.ts";
import { endFirst, type Priority, setProcessPriority } from "./priority.ts";
import { childOf, killIfThere } from "./processes.ts";
import { canSeal, seal } from "./seal.ts";

export { canPutBack } from "./priority.ts";
export type { Priority, Wall };

let chosen: Launch | undefined;
const launch = (): Launch => {
  chosen ??= chooseLaunch([...runnerReadablePaths(), ...readablePaths(defaultWorkerUrl())]);
  return chosen;
};

/**
 * The walls that this platform gives to `isolation: "process"`, beside Node's own. Tries them out when it is asked for
 * the first time, which blocks for some 10 ms, or for 300 ms where the best of them do not stand.
 */
export function describeWalls(): Wall[] {
  const walls = [...launch().walls];
  if (canSeal()) walls.push("sealed");
  if (process.platform !== "win32") walls.push("yields");
  return walls;
}

/**
 * What the launcher is to know of what was chosen here: `prefix` is run before it, so that the kernel ends it with this
 * process; `way` is for {@link startRunner} there. Tries the walls out, as describeWalls does.
 */
export function chosenLaunch(): { prefix: string[]; way: number } {
  const { way, walls } = launch();
  const setpriv = walls.includes("ends-with-host") ? findTool("setpriv") : undefined;
  return { prefix: setpriv ? [setpriv, "--pdeathsig=KILL", "--"] : [], way };
}

export interface RunnerProcess {
  child: ChildProcess;
  /** The process has it as descriptor 3. Only bytes come through it: an open file that is sent along is dropped. */
  socket: Socket;
  /**
   * Takes from it what it needed to start; to be waited for before plugin code runs in it. See seal.ts.
   * @throws Error when it could not be, also when the process is gone
   */
  seal(moreBytes: number): Promise<void>;
  setPriority(priority: Priority): void;
  /** Never throws. */
  kill(): void;
}

/** How long the process before Node, which waits for it, may take to follow it. */
const FOLLOW_MS = 1_000;

/** Without memory or room for a process Node throws, or tells of it in an event. */
function spawnOr(release: () => void, command: string, args: string[]): ChildProcess {
  try {
    return spawn(command, args, { stdio: ["ignore", "pipe", "pipe", "pipe"], env: {}, cwd: "/" });
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Starts a process that holds a thread, with an empty environment and every wall that this platform gives: those of `way`,
 * or those that are found when they are tried out here.
 */
export function startRunner(o: {
  module: URL;
  flags: string[];
  priority?: Priority;
  way?: number;
}): RunnerProcess {
  const { begin, forks } = o.way === undefined ? launch() : launchOf(o.way);
  const { prefix, sameAccount, release } = begin();
  const [command = process.execPath, ...args] = [
    ...prefix,
    process.execPath,
    ...o.flags,
    fileURLToPath(o.module),
  ];
  const child = spawnOr(release, command, args);
  child.once("close", release);
  const socket = child.stdio?.[3];
  // Without a descriptor left for them Node makes no pipes, and tells why in an event.
  if (!(socket instanceof Socket)) {
    release();
    child.on("error", () => {});
    throw new Error("No process could be started: this one has too many files open.");
  }
  if (child.pid !== undefined) {
    setProcessPriority(child.pid, o.priority ?? "usual");
    endFirst(child.pid);
  }

  const isGone = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  /** The process with the code, and not the one that waits for it. */
  const inner = (): number | undefined =>
    isGone() || child.pid === undefined ? undefined : forks ? childOf(child.pid) : child.pid;

  return {
    child,
    socket,
    async seal(moreBytes) {
      if (!canSeal()) return;
      const pid = inner();
      if (pid === undefined) throw new Error("there is no process with the plugin's code");
      await seal({ pid, sameAccount, moreBytes });
    },
    setPriority(priority) {
      const pid = inner();
      if (pid !== undefined) setProcessPriority(pid, priority);
    },
    kill() {
      const pid = inner();
      // To give its memory back is work too.
      if (pid !== undefined) setProcessPriority(pid, "usual");
      if (!forks || pid === undefined) return void child.kill("SIGKILL");
      killIfThere(pid);
      // It waits for its child and then goes by itself; were it ended first, nobody might wait for the other.
      setTimeout(() => isGone() || child.kill("SIGKILL"), FOLLOW_MS).unref();
    },
  };
}
