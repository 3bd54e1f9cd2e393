import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../../observe/index.ts";
import { codeOf, DatabaseError, messageOf } from "../errors.ts";
import { type Account, accountFor } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { type ClusterPaths, clusterPaths, superuser } from "./cluster-dir.ts";
import { clusterExists, initialise, removeAbandonedDrafts } from "./initialise.ts";
import { type Lease, takeLease } from "./lease.ts";
import { isServing, lastPort, readPostmaster, removeEmptied, removeStale } from "./postmaster.ts";
import { freePort, startServer } from "./start.ts";

export interface EmbeddedServer {
  /** Of the administrative database. */
  url: string;
  port: number;
  lease: Lease;
  /** Gives up the lease; whoever is last stops the server. */
  leave(): Promise<void>;
}

export interface JoinOptions {
  dataDir: string;
  logger: Logger;
  /** Whether the lease alone keeps this process running. */
  keepsProcessAlive: boolean;
  /** Rejoin a server that was there: on the port it had, and only if its cluster is still there. */
  rejoin?: { port: number };
  /** Gives up waiting. */
  signal?: AbortSignal;
}

const pollMs = 10;
/** Recovery after a crash redoes at most what max_wal_size holds, which is seconds; this is far beyond. */
const patienceMs = 120_000;

/**
 * Joins the server of a data directory: the one that runs, or one that is started now, on a cluster
 * that is created if there is none. Any number of processes may do this at once.
 *
 * There is no lock of our own that a crash could leave behind. Two that create the cluster: one
 * rename wins. Two that start the server: PostgreSQL's own lock file lets one through. One that
 * stops it while another arrives: the advisory lock of the lease keeps them apart.
 */
export async function joinServer(o: JoinOptions): Promise<EmbeddedServer> {
  const paths = clusterPaths(o.dataDir);
  await removeAbandonedDrafts(paths);
  const account = await accountFor(paths);
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    o.signal?.throwIfAborted();
    const result = await tryJoin(paths, account, o);
    if (typeof result === "object") return result;
    if (result === "wait") await delay(pollMs);
  }
  throw new DatabaseError(
    "server-failed",
    `PostgreSQL in ${paths.clusterDir} was neither ready nor gone within ${patienceMs / 1000} s. See ${paths.log}.`,
  );
}

/** One look at how things are, and one step from there; then to look again, at once or in a moment. */
async function tryJoin(
  paths: ClusterPaths,
  account: Account | undefined,
  o: JoinOptions,
): Promise<EmbeddedServer | "again" | "wait"> {
  const found = await readPostmaster(paths);
  if (found && (await isServing(found, paths))) {
    return found.ready && found.port ? adopt(paths, found.port, o) : "wait";
  }
  if (found) await removeStale(found, paths);
  else await removeEmptied(paths);

  const binaries = await findBinaries(account);
  if (!(await clusterExists(paths))) {
    // A running host whose files were taken away must not go on with an empty database.
    if (o.rejoin)
      throw new DatabaseError("data-dir-unusable", `The PostgreSQL cluster ${paths.clusterDir} is gone.`);
    o.logger.info({ clusterDir: paths.clusterDir }, "creating the PostgreSQL cluster");
    await initialise(paths, binaries, account);
    return "again";
  }
  const port = o.rejoin?.port ?? (await freePort(await lastPort(paths)));
  const result = await startServer(paths, { binaries, account, port });
  if (result === "port-taken" && o.rejoin) {
    throw new DatabaseError("server-failed", `Port ${port} was taken by another program. Restart this host.`);
  }
  if (result !== "started") return "wait";
  o.logger.info({ port }, "PostgreSQL started");
  return "again";
}

async function adopt(paths: ClusterPaths, port: number, o: JoinOptions): Promise<EmbeddedServer | "wait"> {
  const url = `postgres://${superuser}:${await readPassword(paths)}@127.0.0.1:${port}/postgres`;
  const lease = await takeLease(url, o).catch((error: unknown) => {
    const said = messageOf(error);
    throw new DatabaseError(
      "server-failed",
      `PostgreSQL in ${paths.clusterDir} runs but does not let this host in: ${said}. See ${paths.log}.`,
      { cause: error },
    );
  });
  if (!lease) return "wait";
  return { url, port, lease, leave: () => lease.release(() => stopServer(paths)) };
}

async function readPassword(paths: ClusterPaths): Promise<string> {
  try {
    return (await readFile(paths.password, "utf8")).trim();
  } catch (error) {
    const why =
      codeOf(error) === "ENOENT" ? "is missing; put it back from a backup" : "cannot be read by this user";
    throw new DatabaseError("data-dir-unusable", `The database password ${paths.password} ${why}.`, {
      cause: error,
    });
  }
}

/** Fast shutdown: what is open is rolled back, what was committed is written out. */
async function stopServer(paths: ClusterPaths): Promise<void> {
  const found = await readPostmaster(paths);
  if (!found || !(await isServing(found, paths))) return;
  process.kill(found.pid, "SIGINT");
  const deadline = performance.now() + patienceMs;
  // Its lock file goes a moment before it does, so the process is what is waited for.
  while ((await isServing(found, paths)) && performance.now() < deadline) await delay(pollMs);
}
