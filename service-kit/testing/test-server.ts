import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedded } from "../database/embedded/index.ts";
import { createLogger } from "../observe/index.ts";

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
  // Comes when nothing else is left to do, which the lease does not count as.
  process.once("beforeExit", () => void server.close());
  return server.url;
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
