import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createLogger } from "@plugboard/service-kit/observe";

export const quiet = createLogger({ name: "test", level: "silent" });

interface Message {
  ready?: string;
  acknowledged?: number;
  failed?: string;
  closed?: boolean;
}

export interface HostProcess {
  child: ChildProcess;
  /** The URL it opened. Rejects if it could not. */
  ready: Promise<string>;
  /** Ids of rows whose commit was acknowledged to it, so far. */
  acknowledged: number[];
  /** Resolves once that many have been. */
  acknowledgedAtLeast(count: number): Promise<void>;
  /** Ends it in good order. */
  close(): Promise<void>;
}

/** Starts `host.fixture.ts` in a process group of its own. */
export function startHost(
  t: TestContext,
  dataDir: string,
  o: { write?: boolean; script?: string; uid?: number; gid?: number; command?: string[] } = {},
): HostProcess {
  const script = o.script ?? fileURLToPath(new URL("host.fixture.ts", import.meta.url));
  const node = [
    process.execPath,
    "--conditions=@plugboard/source",
    script,
    dataDir,
    ...(o.write ? ["--write"] : []),
  ];
  const [command = "", ...args] = [...(o.command ?? []), ...node];
  const child = spawn(command, args, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    ...(o.uid === undefined ? {} : { uid: o.uid, gid: o.gid ?? o.uid }),
  });
  const acknowledged: number[] = [];
  const ready = Promise.withResolvers<string>();
  ready.promise.catch(() => {}); // a test that only waits for something else is not to fail twice
  const waiting: { count: number; done: () => void }[] = [];
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const exited = once(child, "close");
  child.once("close", () => ready.reject(new Error(`the host ended before it was ready: ${stderr}`)));
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    const message = JSON.parse(line) as Message;
    if (message.failed) {
      stderr += message.failed;
      ready.reject(new Error(message.failed));
    }
    if (message.ready) ready.resolve(message.ready);
    if (message.acknowledged) acknowledged.push(message.acknowledged);
    for (const { count, done } of waiting) if (acknowledged.length >= count) done();
  });
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  });
  return {
    child,
    ready: ready.promise,
    acknowledged,
    acknowledgedAtLeast: (count) =>
      new Promise((resolve, reject) => {
        waiting.push({ count, done: resolve });
        child.once("close", () => reject(new Error(`the host ended: ${stderr}`)));
      }),
    async close() {
      child.stdin?.end();
      await exited;
      assert.equal(child.exitCode, 0, stderr);
    },
  };
}

/** A data directory for one test; whatever server is left on it is killed when the test is over. */
export async function newDataDir(t: TestContext, root = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(root, "plugboard-db-"));
  t.after(async () => {
    const pid = await postmasterPid(folder);
    if (pid !== undefined && isAlive(pid)) process.kill(pid, "SIGQUIT");
    await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
  });
  return join(folder, "data");
}

/** What PostgreSQL's lock file in the data directory says. */
export async function postmasterPid(folder: string): Promise<number | undefined> {
  for (const path of [
    join(folder, "postgres", "postmaster.pid"),
    join(folder, "data", "postgres", "postmaster.pid"),
  ]) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text) return Number(text.split("\n")[0]);
  }
  return undefined;
}

/** A process that has ended counts as such even while nobody has reaped it, as in a container without an init. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The account a process runs under. */
export async function ownerOfProcess(pid: number): Promise<number> {
  return (await stat(`/proc/${pid}`)).uid;
}

/** Waits, on real events of other processes that announce nothing, until something holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline) assert.fail(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
