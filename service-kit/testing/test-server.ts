import { access, constants, lstat, mkdir, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { openEmbedded } from "../database/embedded/index.ts";
import { createLogger } from "../observe/index.ts";
import { administer } from "./administer.ts";

let joined: Promise<string> | undefined;

/**
 * The URL of a server on which databases may be created: that of DATABASE_URL, or an embedded one
 * that all test processes of this user share. The last process to end stops it.
 */
export function testServerUrl(): Promise<string> {
  const external = process.env.DATABASE_URL?.trim();
  if (external) return Promise.resolve(external);
  joined ??= joinShared();
  return joined;
}

async function joinShared(): Promise<string> {
  const dataDir = await ownFolder(
    join(await quickFolder(), `plugboard-test-${process.getuid?.() ?? "user"}`),
  );
  const logger = createLogger({ name: "test-database", level: "warn" });
  const server = await openEmbedded({ dataDir, logger, keepsProcessAlive: false });
  await administer(server.url, waitForNoDisk);
  // Comes when nothing else is left to do, which the lease does not count as.
  process.once("beforeExit", () => void server.close());
  return server.url;
}

const memory = "/dev/shm";
/** Far more than the tests of one machine have at a time, so that they never fill it. */
const roomBytes = 2 ** 30;

/**
 * The folder for temporary files, or one whose files are memory: a database has 800 files, and to copy and remove them
 * takes six times the processor time on a disk.
 */
async function quickFolder(): Promise<string> {
  if (process.env.TMPDIR) return tmpdir();
  try {
    await access(memory, constants.W_OK);
    const { bavail, bsize } = await statfs(memory);
    return bavail * bsize >= roomBytes ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** What is on it is gone after the tests, also where the machine lives on. What survives a crash is tested on other servers. */
const settings = {
  fsync: "off",
  full_page_writes: "off",
  // No database lives long enough to need it.
  autovacuum: "off",
  min_wal_size: "32MB",
};

async function waitForNoDisk(client: pg.Client): Promise<void> {
  const { rows } = await client.query("show autovacuum");
  if (rows[0]?.autovacuum === "off") return;
  for (const [name, value] of Object.entries(settings))
    await client.query(`alter system set ${name} = '${value}'`);
  await client.query("select pg_reload_conf()");
}

/** The folder for temporary files is everyone's: somebody else may have put something under our name. */
async function ownFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} is not a folder of this user alone. Remove it, or set DATABASE_URL.`);
  }
  return path;
}
