import { chownSync, existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf, DatabaseError } from "../errors.ts";
import type { ClusterPaths } from "./cluster-dir.ts";

/** While a host is present, no host in another container or on another machine may start the server. */
export interface Presence {
  leave(): void;
}

const pollMs = 50;
/** Long enough for a host elsewhere that is just stopping, as in a rolling deployment. */
const patienceMs = 5_000;
const sqliteBusy = 5;

/**
 * Says that a host works on this data directory, and makes sure that none does from another place.
 *
 * PostgreSQL tells by process number and shared memory whether a server runs on its files; both mean
 * nothing from inside another container, and two servers on the same files destroy them. A file lock
 * is seen by all, and the kernel lifts it when its holder dies. SQLite, which comes with Node, is
 * used for its file locks alone: a read transaction holds one in common with the other hosts of this
 * place, and only when none is left may another place write its name in.
 *
 * @throws DatabaseError `data-dir-unusable` if there is a host elsewhere.
 */
export async function announcePresence(paths: ClusterPaths): Promise<Presence> {
  const place = thisPlace();
  const file = openLockFile(paths);
  const deadline = performance.now() + patienceMs;
  try {
    while (!attempt(file, place)) {
      if (performance.now() > deadline) {
        throw new DatabaseError(
          "data-dir-unusable",
          `The data directory ${paths.dataDir} is in use by a host in another container or on another machine. ` +
            "Stop that one, give this one a data directory of its own, or set DATABASE_URL for both.",
        );
      }
      await delay(pollMs);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return { leave: () => file.close() };
}

/** True once the lock is held and the file names this place; false while another host is in the way. */
function attempt(file: DatabaseSync, place: string): boolean {
  try {
    file.exec("begin");
    if (namedPlace(file) === place) return true;
    file.exec("rollback");
    file.exec("begin exclusive");
    file.exec("create table if not exists place (only integer primary key check (only = 1), name text)");
    file.prepare("insert or replace into place values (1, ?)").run(place);
    file.exec("commit");
    return false; // the next attempt reads it, and keeps the lock that reading takes
  } catch (error) {
    if (file.isTransaction) file.exec("rollback");
    if (error instanceof Error && "errcode" in error && error.errcode === sqliteBusy) return false;
    throw error;
  }
}

function namedPlace(file: DatabaseSync): unknown {
  const tables = file.prepare("select name from sqlite_schema where name = 'place'").all();
  return tables.length === 0 ? undefined : file.prepare("select name from place").get()?.name;
}

/** Processes that see each other by number are in the same place: same boot of the same machine, same container. */
function thisPlace(): string {
  if (process.platform !== "linux") return hostname();
  return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
}

function openLockFile(paths: ClusterPaths): DatabaseSync {
  if (!existsSync(paths.hostsLock)) {
    // Only ever opened through SQLite once it exists: closing a file drops the process's locks on it (POSIX).
    createEmpty(paths.hostsLock);
    // What root makes in a user's folder stays that user's.
    const { uid, gid } = statSync(paths.dataDir);
    if (process.getuid?.() === 0) chownSync(paths.hostsLock, uid, gid);
  }
  return new DatabaseSync(paths.hostsLock, { timeout: 0 });
}

function createEmpty(path: string): void {
  try {
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error; // another host was faster
  }
}
