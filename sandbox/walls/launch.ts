import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

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
}

/** How processes are started so that walls stand around them. */
export interface Launch {
  walls: Wall[];
  begin(): Start;
  /** Whether the first of them stays, and Node is its child. */
  forks: boolean;
}

/** The range that systemd gives to accounts that exist only while a service runs; nothing owns files in it. */
const ACCOUNTS = { first: 61_184, count: 4_336 };

let account = Math.floor(Math.random() * ACCOUNTS.count);
const nextAccount = (): number => {
  account = (account + 1) % ACCOUNTS.count;
  return ACCOUNTS.first + account;
};

const namespaces = ["--net", "--ipc", "--uts"];
/** A child is then the first process of a new family, and the one that waits for it takes it along. */
const family = ["--pid", "--fork", "--kill-child"];
const withoutPrivileges = ["--no-new-privs", "--inh-caps=-all"];

/**
 * The ways to start a process, the best first, on a platform that has these tools. Which of them work depends on the
 * account of the host, on the kernel's settings and on the container around it: see probe.ts.
 */
function waysWith(unshare: string | undefined, setpriv: string, isRoot: boolean): Launch[] {
  const ways: Launch[] = [];
  const add = (walls: Wall[], begin: () => Start, forks = false) =>
    ways.push({ walls: [...walls, "no-privileges", "ends-with-host"], begin, forks });

  const asSame = [setpriv, ...withoutPrivileges, "--pdeathsig=KILL", "--"];
  if (isRoot) {
    const asOther = (before: string[], after: string[]) => (): Start => {
      const id = nextAccount();
      const account = [setpriv, `--reuid=${id}`, `--regid=${id}`, "--clear-groups"];
      const own = [...account, ...withoutPrivileges, "--bounding-set=-all", "--pdeathsig=KILL", "--"];
      return { prefix: [...before, ...own, ...after], sameAccount: [...account, "--"] };
    };
    if (unshare) {
      add(["own-account", "own-network"], asOther([unshare, ...namespaces, "--"], []));
      add(["own-account", "own-network"], asOther([], [unshare, "--user", ...namespaces, "--"]));
    }
    add(["own-account"], asOther([], []));
  }
  if (unshare) {
    const own = [...asSame, unshare, "--user", ...namespaces];
    const begin = (more: string[]) => () => ({ prefix: [...own, ...more, "--"], sameAccount: [] });
    add(["own-network", "own-processes"], begin(family), true);
    add(["own-network"], begin([]));
  }
  add([], () => ({ prefix: asSame, sameAccount: [] }));
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

const PROBE_MS = 5_000;
/** Whether whoever is asked can read all these. */
const canRead = 'for path do test -r "$path" || exit 1; done';

/** The best way that works here for code that lies at these paths. Blocks for some 10 ms for each that does not. */
export function chooseLaunch(readable: string[]): Launch {
  const setpriv = process.platform === "linux" ? findTool("setpriv") : undefined;
  const ways = setpriv ? waysWith(findTool("unshare"), setpriv, process.getuid?.() === 0) : [];
  const works = (way: Launch): boolean => {
    const [command = "", ...args] = [
      ...way.begin().prefix,
      "/bin/sh",
      "-c",
      canRead,
      "sh",
      process.execPath,
      ...readable,
    ];
    const { status } = spawnSync(command, args, { env: {}, cwd: "/", stdio: "ignore", timeout: PROBE_MS });
    return status === 0;
  };
  return ways.find(works) ?? { walls: [], begin: () => ({ prefix: [], sameAccount: [] }), forks: false };
}
