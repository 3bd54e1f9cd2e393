import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { codeOf } from "../errors.ts";
import type { ClusterPaths } from "./cluster-dir.ts";

/** What `postmaster.pid` says (PostgreSQL's miscinit.c: pid, data directory, start time, port, …, status). */
export interface Postmaster {
  pid: number;
  /** Undefined while it starts. */
  port: number | undefined;
  ready: boolean;
  /** The file as it was read. */
  text: string;
}

const portLine = 3;
const statusLine = 7;

/** Reads `postmaster.pid`; undefined if there is none, or it is only just being written. */
export async function readPostmaster(paths: ClusterPaths): Promise<Postmaster | undefined> {
  let text: string;
  try {
    text = await readFile(paths.postmasterPid, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[portLine]) || undefined, ready: lines[statusLine] === "ready", text };
}

/**
 * Whether that process is the server of this cluster. A number alone proves nothing: after a crash
 * the system may have given it to another process, which PostgreSQL's own check takes for a server.
 */
export async function isServing({ pid }: Postmaster, paths: ClusterPaths): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  if (process.platform !== "linux") return looksLikePostgres(pid);
  try {
    // A server's working directory is its cluster; a dead process that nobody has reaped has none.
    const [its, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(paths.clusterDir)]);
    return its.dev === ours.dev && its.ino === ours.ino;
  } catch {
    return false;
  }
}

async function looksLikePostgres(pid: number): Promise<boolean> {
  const listed = await promisify(execFile)("ps", ["-o", "comm=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return listed.stdout.includes("postgres");
}

/**
 * Takes away a `postmaster.pid` whose process is not the server. PostgreSQL does so itself if there
 * is no such process; if the number was given to another one, it would refuse to start for ever.
 */
export async function removeStale(found: Postmaster, paths: ClusterPaths): Promise<void> {
  const aside = `${paths.postmasterPid}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(paths.postmasterPid, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  // Another host may have started the server since the file was read: then that file is put back.
  if ((await readFile(aside, "utf8")) !== found.text) {
    await link(aside, paths.postmasterPid).catch(() => {});
  }
  await rm(aside, { force: true });
}

/**
 * Takes away a `postmaster.pid` that has been empty for a while: what a loss of power leaves of one
 * that was just being written. PostgreSQL refuses to start over it.
 */
export async function removeEmptied(paths: ClusterPaths): Promise<void> {
  const found = await stat(paths.postmasterPid).catch(() => undefined);
  if (found?.size === 0 && Date.now() - found.mtimeMs > emptiedAfterMs)
    await rm(paths.postmasterPid, { force: true });
}

/** A server fills its lock file within a moment of creating it. */
const emptiedAfterMs = 5_000;

/** The port of the last start, so that it stays the same from start to start where it can. */
export async function lastPort(paths: ClusterPaths): Promise<number | undefined> {
  const command = await readFile(paths.postmasterOpts, "utf8").catch(() => "");
  return Number(/"port=(\d+)"/.exec(command)?.[1]) || undefined;
}
