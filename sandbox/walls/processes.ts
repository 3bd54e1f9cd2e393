/** What Linux tells of processes in /proc. */
import { readdirSync, readFileSync, statSync } from "node:fs";

const numbered = /^\d+$/;

/** The first child of a process. A kernel without the list of children is asked for every process's parent. */
export function childOf(pid: number, listPath = `/proc/${pid}/task/${pid}/children`): number | undefined {
  const list = readIfThere(listPath);
  if (list === undefined) return processes().find((other) => parentOf(other) === pid);
  const [first] = list.split(" ");
  return first ? Number(first) : undefined;
}

/** The accounts that have a process, of whichever host on this machine. */
export function accountsWithProcesses(): Set<number> {
  const accounts = new Set<number>();
  for (const pid of processes()) {
    const uid = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
    if (uid !== undefined) accounts.add(uid);
  }
  return accounts;
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

const processes = (): number[] => {
  try {
    return readdirSync("/proc")
      .filter((name) => numbered.test(name))
      .map(Number);
  } catch {
    return [];
  }
};

/** The fourth field; the second is the program's name in brackets, which may hold anything. */
const parentOf = (pid: number): number =>
  Number(/^.*\) \S+ (\d+)/s.exec(readIfThere(`/proc/${pid}/stat`) ?? "")?.[1]);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
