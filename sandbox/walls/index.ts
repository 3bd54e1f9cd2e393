/** The walls of the operating system around a process with plugin code: docs/decisions/0008. */
import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { defaultWorkerUrl, readablePaths, runnerReadablePaths } from "../locations.ts";
import { chooseLaunch, type Launch, type Wall } from "./launch.ts";
import { canSeal, seal } from "./seal.ts";

export type { Wall };

/** A little behind the host, which answers everybody; not so far that plugins starve. */
const NICENESS = 5;

let chosen: Launch | undefined;
const launch = (): Launch => {
  chosen ??= chooseLaunch([...runnerReadablePaths(), ...readablePaths(defaultWorkerUrl())]);
  return chosen;
};

/**
 * The walls that this platform gives to `isolation: "process"`, beside Node's own. Tries them out when it is asked for
 * the first time, which blocks for some 10 to 50 ms.
 */
export function describeWalls(): Wall[] {
  const walls = [...launch().walls];
  if (canSeal()) walls.push("sealed");
  if (process.platform !== "win32") walls.push("yields");
  return walls;
}

export interface RunnerProcess {
  child: ChildProcess;
  /** Takes from it what it needed to start; to be waited for before plugin code runs in it. See seal.ts. */
  seal(moreBytes: number): Promise<void>;
  kill(): void;
}

/** Starts a process that holds a thread, with an empty environment and every wall that this platform gives. */
export function startRunner(
  o: Pick<ForkOptions, "serialization" | "stdio"> & { module: URL; flags: string[] },
): RunnerProcess {
  const { begin, forks } = launch();
  const { prefix, sameAccount } = begin();
  const [execPath = process.execPath, ...execArgv] = [...prefix, process.execPath, ...o.flags];
  const { serialization, stdio } = o;
  const child = fork(o.module, { execPath, execArgv, serialization, stdio, env: {}, cwd: "/" });
  if (child.pid !== undefined) yieldToOthers(child.pid);

  /** The process with the code, and not the one that waits for it. */
  const inner = (): number | undefined =>
    child.pid === undefined || child.exitCode !== null ? undefined : forks ? childOf(child.pid) : child.pid;

  return {
    child,
    async seal(moreBytes) {
      const pid = inner();
      if (pid !== undefined) await seal({ pid, sameAccount, moreBytes });
    },
    kill() {
      const pid = inner();
      if (forks && pid !== undefined) process.kill(pid, "SIGKILL");
      child.kill("SIGKILL");
    },
  };
}

/** When the machine runs short, others come first: of processor time, and when Linux ends a process for memory. */
function yieldToOthers(pid: number): void {
  const attempts = [
    () => setPriority(pid, NICENESS),
    () => writeFileSync(`/proc/${pid}/oom_score_adj`, "1000"),
  ];
  for (const attempt of attempts)
    try {
      attempt();
    } catch {
      // Not Linux, or not allowed: then the operating system treats it like any other.
    }
}

function childOf(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
    return first ? Number(first) : undefined;
  } catch {
    return undefined;
  }
}
