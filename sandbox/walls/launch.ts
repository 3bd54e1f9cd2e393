import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { accountsWithProcesses } from "./processes.ts";

/** What stands around a process that holds plugin code, beside Node's own permissions. */
export type Wall =
  /** An account of its own: it owns no file, and may neither signal nor read any other process. */
  | "own-account"
  /** No capability, and no way to gain one from a set-uid file. */
  | "no-privileges"
  /** A network without any interface. */
  | "own-network"
  /** It sees no process but its own, and so signals none. */
  | "own-processes"
  /** The kernel ends it when the host ends, whatever it does. */
  | "ends-with-host"
  /** No further file, socket, process or thread once plugin code may run; memory is bounded by the kernel. */
  | "sealed"
  /** The machine's processor and memory go to others first. */
  | "yields";

export interface Start {
  /** What is run before Node, each of which starts the next; nothing where there are no such walls. */
  prefix: string[];
  /** What is run before another program so that it has the same account. */
  sameAccount: string[];
  /** To be called when the process is gone: its account may be another's then. */
  release(): void;
}

/** How processes are started so that walls stand around them. */
export interface Launch {
  /** Its place among the ways of this platform, the best first; -1 when it is none of them. */
  way: number;
  walls: Wall[];
  begin(): Start;
  /** Whether the first of them stays, and Node is its child. */
  forks: boolean;
}

/** The range that systemd gives to accounts that exist only while a service runs; nothing owns files in it. */
const ACCOUNTS = { first: 61_184, count: 4_336 };

let lastAccount = Math.floor(Math.random() * ACCOUNTS.count);
const taken = new Set<number>();

/**
 * One that no process has: whoever starts often enough must not get a neighbour's. Another host on this machine takes
 * from the same range.
 */
function takeAccount(): number {
  const inUse = accountsWithProcesses();
  for (let tries = 0; tries < ACCOUNTS.count; tries += 1) {
    lastAccount = (lastAccount + 1) % ACCOUNTS.count;
    const id = ACCOUNTS.first + lastAccount;
    if (taken.has(id) || inUse.has(id)) continue;
    taken.add(id);
    return id;
  }
  throw new Error(`All ${ACCOUNTS.count} accounts for plugins' processes are in use.`);
}

const namespaces = ["--net", "--ipc", "--uts"];
/** A child is then the first process of a new family, and the one that waits for it takes it along. */
const family = ["--pid", "--fork", "--kill-child"];
const withoutPrivileges = ["--no-new-privs", "--inh-caps=-all"];

/**
 * The ways to start a process, the best first, on a platform that has these tools. Which of them work depends on the
 * account of the host, on the kernel's settings and on the container around it: see chooseLaunch.
 */
function waysWith(unshare: string | undefined, setpriv: string, isRoot: boolean): Launch[] {
  const ways: Launch[] = [];
  const add = (walls: Wall[], begin: () => Start, forks = false) =>
    ways.push({ way: ways.length, walls: [...walls, "no-privileges", "ends-with-host"], begin, forks });

  const asSame = [setpriv, ...withoutPrivileges, "--pdeathsig=KILL", "--"];
  if (isRoot) {
    const asOther = (before: string[], after: string[]) => (): Start => {
      const id = takeAccount();
      const account = [setpriv, `--reuid=${id}`, `--regid=${id}`, "--clear-groups"];
      const own = [...account, ...withoutPrivileges, "--bounding-set=-all", "--pdeathsig=KILL", "--"];
      return {
        prefix: [...before, ...own, ...after],
        sameAccount: [...account, "--"],
        release: () => taken.delete(id),
      };
    };
    if (unshare) {
      add(["own-account", "own-network"], asOther([unshare, ...namespaces, "--"], []));
      add(["own-account", "own-network"], asOther([], [unshare, "--user", ...namespaces, "--"]));
    }
    add(["own-account"], asOther([], []));
  }
  if (unshare) {
    const own = [...asSame, unshare, "--user", ...namespaces];
    const begin = (more: string[]) => () => ({
      prefix: [...own, ...more, "--"],
      sameAccount: [],
      release() {},
    });
    add(["own-network", "own-processes"], begin(family), true);
    add(["own-network"], begin([]));
  }
  add([], () => ({ prefix: asSame, sameAccount: [], release() {} }));
  return ways;
}

export function findTool(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  return folders
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const withoutWalls: Launch = {
  way: -1,
  walls: [],
  begin: () => ({ prefix: [], sameAccount: [], release() {} }),
  forks: false,
};

function waysHere(): Launch[] {
  const setpriv = process.platform === "linux" ? findTool("setpriv") : undefined;
  return setpriv ? waysWith(findTool("unshare"), setpriv, process.getuid?.() === 0) : [];
}

/**
 * The way that another process of this host has chosen.
 * @throws Error when it does not exist here: nothing is to be started with fewer walls than were tried out
 */
export function launchOf(way: number): Launch {
  const launch = way === withoutWalls.way ? withoutWalls : waysHere()[way];
  if (!launch)
    throw new Error("The walls that were tried out are gone: setpriv or unshare is not there any more.");
  return launch;
}

const PROBE_MS = 5_000;
/** A way is worse only when the better ones failed twice, so far apart: what is chosen counts for the host's whole life. */
const AGAIN_MS = 200;
const waitMs = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const tooBusy = new Set(["ETIMEDOUT", "EAGAIN", "ENOMEM", "EMFILE", "ENFILE"]);
/** Whether whoever is asked can read all these. */
const canRead = 'for path do test -r "$path" || exit 1; done';

/**
 * The best way that works here for code that lies at these paths. Blocks for some 20 ms for each that does not, and for
 * 200 ms when there are such.
 * @throws Error when the machine is too busy to tell
 */
export function chooseLaunch(readable: string[]): Launch {
  const ways = waysHere();
  const works = (way: Launch): boolean => {
    const { prefix, release } = way.begin();
    const [command = "", ...args] = [
      ...prefix,
      "/bin/sh",
      "-c",
      canRead,
      "sh",
      process.execPath,
      ...readable,
    ];
    const { status, error } = spawnSync(command, args, {
      env: {},
      cwd: "/",
      stdio: "ignore",
      timeout: PROBE_MS,
    });
    release();
    // A machine that is too busy to try it says nothing about the way: one with fewer walls must not take its place.
    if (error && "code" in error && tooBusy.has(String(error.code)))
      throw new Error(`The walls of the operating system could not be tried out: ${error.message}`);
    return status === 0;
  };
  const first = ways.findIndex(works);
  const better = first < 0 ? ways : ways.slice(0, first);
  if (better.length > 0) waitMs(AGAIN_MS);
  return better.find(works) ?? ways[first] ?? withoutWalls;
}
