import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { findTool } from "./launch.ts";

const KiB = 1024;
/** It takes some milliseconds. */
const SEAL_MS = 10_000;

let prlimit: string | undefined | "unknown" = "unknown";

/** Whether a process can be sealed here. */
export function canSeal(): boolean {
  if (prlimit === "unknown") prlimit = process.platform === "linux" ? findTool("prlimit") : undefined;
  return prlimit !== undefined;
}

/**
 * Takes from a process what it needed to start: from now on it opens no file and no socket, starts no process and no
 * thread, and its private memory grows by `moreBytes` at most. What it has open stays.
 * @throws Error when it was not done: such a process must not run a plugin
 *
 * Memory is bounded by what may be written (RLIMIT_DATA), since V8 reserves addresses by the terabyte that it never
 * uses; and from what there is now, since that is some hundred megabytes which differ from one Node to the next.
 */
export async function seal(o: { pid: number; sameAccount: string[]; moreBytes: number }): Promise<void> {
  const { pid, sameAccount, moreBytes } = o;
  if (!canSeal() || prlimit === undefined) throw new Error("nothing here seals a process");
  const data = (await dataBytes(pid)) + moreBytes;
  const limits = ["--nofile=0", "--nproc=0", "--fsize=0", "--core=0", `--data=${data}`];
  // Even root may only limit its own account's processes where it lacks CAP_SYS_RESOURCE, as in a container.
  const [command = prlimit, ...args] = [...sameAccount, prlimit, "--pid", String(pid), ...limits];
  await new Promise<void>((resolve, reject) => {
    const options = { env: {}, cwd: "/", timeout: SEAL_MS, killSignal: "SIGKILL" } as const;
    execFile(command, args, options, (error) => (error ? reject(error) : resolve()));
  });
}

async function dataBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kibibytes = /^VmData:\s+(\d+) kB$/m.exec(status)?.[1];
  // It has none any more when it has ended.
  if (kibibytes === undefined) throw new Error("the process has ended");
  return Number(kibibytes) * KiB;
}
