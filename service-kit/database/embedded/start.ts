import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, rename, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseError } from "../errors.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import type { ClusterPaths } from "./cluster-dir.ts";
import { readPostmaster } from "./postmaster.ts";
import { spawnAs, workingFolder, workingFolderName } from "./run-under.ts";
import { serverSettings } from "./settings.ts";

/**
 * How an attempt to start the server ended.
 * `taken`: another process has started it, or the last one is not quite gone; look again.
 * `port-taken`: someone listens on that port; choose another.
 */
export type StartResult = "started" | "taken" | "port-taken";

const pollMs = 5;
const maxLogBytes = 4 * 1024 * 1024;

/**
 * Starts the server in a session of its own, so that a Ctrl-C meant for us does not end it before us,
 * and waits until it is ready (after a crash it first redoes what was committed).
 *
 * @throws DatabaseError `server-failed` with what the server said.
 */
export async function startServer(
  paths: ClusterPaths,
  o: { binaries: Binaries; account: Account | undefined; port: number },
): Promise<StartResult> {
  await rotateLog(paths.log);
  const log = await open(paths.log, "a", 0o600);
  try {
    if (o.account) await log.chown(o.account.uid, o.account.gid);
    const { size: logStart } = await log.stat();
    const { cwd, name } = workingFolder(paths.clusterDir, o.account);
    const settings = Object.entries(serverSettings(o.port)).flatMap(([key, value]) => [
      "-c",
      `${key}=${value}`,
    ]);
    const server = spawn(o.binaries.postgres, ["-D", name, ...settings], {
      cwd,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      ...spawnAs(o.account),
    });
    let exited = false;
    let failure: Error | undefined;
    server.once("exit", () => {
      exited = true;
    });
    server.once("error", (error) => {
      failure = error;
    });
    while (!exited && !failure) {
      const postmaster = await readPostmaster(paths);
      if (postmaster?.pid === server.pid && postmaster?.ready) {
        server.unref();
        return "started";
      }
      await delay(pollMs);
    }
    if (failure) {
      throw new DatabaseError("server-failed", `PostgreSQL could not be run: ${failure.message}.`, {
        cause: failure,
      });
    }
    return explainExit(await readFrom(paths.log, logStart), paths);
  } finally {
    await log.close();
  }
}

function explainExit(log: string, paths: ClusterPaths): StartResult {
  if (/lock file "postmaster.pid" (already exists|is empty)|pre-existing shared memory block/.test(log))
    return "taken";
  if (/could not create any TCP\/IP sockets|could not bind/.test(log)) return "port-taken";
  const reasons = log
    .split("\n")
    .filter((line) => /FATAL|PANIC|ERROR|DETAIL|HINT|error while loading/.test(line));
  const reason =
    reasons
      .map((line) => line.replace(/^.*?\] /, "").replaceAll(workingFolderName, paths.clusterDir))
      .join(" ") ||
    log.trim().slice(-300) ||
    "no reason given";
  throw new DatabaseError("server-failed", `PostgreSQL did not start: ${reason} (see ${paths.log}).`);
}

/** A port on the loopback that nobody listens on: the preferred one if it is free. */
export async function freePort(preferred: number | undefined): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(preferred ?? 0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    if (typeof address !== "object" || !address) throw new Error("no address");
    return address.port;
  } catch (error) {
    if (preferred === undefined) throw error;
    return freePort(undefined);
  } finally {
    probe.close();
  }
}

async function rotateLog(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(path, `${path}.1`);
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - start));
    await file.read(buffer, 0, buffer.length, start);
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}
