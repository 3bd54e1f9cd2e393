import { lstat, mkdir } from "node:fs/promises";
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
  const dataDir = await ownFolder(join(tmpdir(), `plugboard-test-${process.getuid?.() ?? "user"}`));
  const logger = createLogger({ name: "test-database", level: "warn" });
  const server = await openEmbedded({ dataDir, logger, keepsProcessAlive: false });
  await administer(server.url, waitForNoDisk);
  // Comes when nothing else is left to do, which the lease does not count as.
  process.once("beforeExit", () => void server.close());
  return server.url;
}

/** What is on it is gone after the tests, also where the machine lives on. What survives a crash is tested on other servers. */
async function waitForNoDisk(client: pg.Client): Promise<void> {
  const { rows } = await client.query("show fsync");
  if (rows[0]?.fsync === "off") return;
  for (const setting of ["fsync", "full_page_writes"])
    await client.query(`alter system set ${setting} = off`);
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
