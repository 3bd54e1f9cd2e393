/** What stands in /proc of the processes that this one started (Linux). */
import { readdirSync, readFileSync } from "node:fs";

/** The launcher of this process, if it has one. */
export const launcherOf = (host: number = process.pid): number | undefined =>
  childrenOf(host).find((pid) => commandOf(pid).includes("launcher"));

/** The processes with plugins' code, and those that are to be. */
export function runnersOf(host: number = process.pid): number[] {
  const launcher = launcherOf(host);
  if (launcher === undefined) return [];
  // What waits for another process has its name too.
  return familyOf(launcher).filter(
    (pid) => commandOf(pid).includes("runner") && childrenOf(pid).length === 0,
  );
}

/** All that a process has started, and what those have. */
export const familyOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...familyOf(child)]);

/** A process that has ended and was not waited for yet runs no more. */
export const isRunning = (pid: number): boolean =>
  !/^State:\s+[ZX]/m.test(read(pid, "status") ?? "State:\tX");

/** It may open nothing any more. */
export const isSealed = (pid: number): boolean => /^Max open files\s+0\s/m.test(read(pid, "limits") ?? "");

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => /^PPid:\s+(\d+)$/m.exec(read(name, "status") ?? "")?.[1] === String(pid))
    .map(Number);
}

const commandOf = (pid: number): string => read(pid, "cmdline") ?? "";

function read(pid: number | string, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}
