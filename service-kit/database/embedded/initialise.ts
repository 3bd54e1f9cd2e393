import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { syncFolder, writeDurably } from "../../files/index.ts";
import { codeOf, DatabaseError } from "../errors.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { type ClusterPaths, serverVersion, superuser } from "./cluster-dir.ts";
import { spawnAs, workingFolder } from "./run-under.ts";

const run = promisify(execFile);

/**
 * Whether there is a cluster to start.
 *
 * @throws DatabaseError `data-dir-foreign` if something else is there, or a cluster of another version.
 */
export async function clusterExists(paths: ClusterPaths): Promise<boolean> {
  try {
    const version = (await readFile(join(paths.clusterDir, "PG_VERSION"), "utf8")).trim();
    if (version === serverVersion) return true;
    throw new DatabaseError(
      "data-dir-foreign",
      `${paths.clusterDir} was made by PostgreSQL ${version}, and this program brings ${serverVersion}. ` +
        `Dump it with PostgreSQL ${version} and load the dump into a new data directory, or set DATABASE_URL.`,
    );
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const content = await readdir(paths.clusterDir).catch(() => []);
  if (content.length === 0) return false;
  throw new DatabaseError(
    "data-dir-foreign",
    `${paths.clusterDir} is not empty and not a PostgreSQL cluster. Move it away, or choose another data directory.`,
  );
}

const draftPrefix = "postgres.new-";

/** Removes what processes that died while they made a cluster have left. */
export async function removeAbandonedDrafts(paths: ClusterPaths): Promise<void> {
  for (const name of await readdir(paths.dataDir)) {
    const pid = name.startsWith(draftPrefix)
      ? Number.parseInt(name.slice(draftPrefix.length), 10)
      : Number.NaN;
    if (pid > 0 && !isAlive(pid)) await rm(join(paths.dataDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Makes a new cluster. It is built beside its place and put there whole, by one rename: a crash on
 * the way leaves none, and of two processes that do this at once one wins and the other one's is dropped.
 */
export async function initialise(
  paths: ClusterPaths,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  const draft = await mkdtemp(join(paths.dataDir, `${draftPrefix}${process.pid}-`));
  try {
    const password = randomBytes(32).toString("base64url");
    await writeDurably(join(draft, "password"), password, { owner: account });
    await makeFolderFor(account, draft);
    await makeFolderFor(account, join(draft, "cluster"));
    await initdb(join(draft, "cluster"), binaries, account);
    await rename(join(draft, "password"), join(draft, "cluster", "plugboard-password"));
    await rename(join(draft, "cluster"), paths.clusterDir);
    await syncFolder(paths.dataDir);
  } catch (error) {
    if (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function initdb(folder: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  const { cwd, name } = workingFolder(folder, account);
  const options = [
    `--pgdata=${name}`,
    `--pwfile=${name}/../password`,
    `--username=${superuser}`,
    "--auth=scram-sha-256",
    // The password is 256 random bits: slowing down a guess gains nothing, and each connection would pay for it.
    "--set=scram_iterations=1",
    "--encoding=UTF8",
    // Built in, so that neither order nor indexes depend on the version of a system library.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
  ];
  try {
    await run(binaries.initdb, options, { cwd, ...spawnAs(account) });
  } catch (error) {
    if (account && ["EPERM", "EINVAL"].includes(codeOf(error) ?? "")) {
      throw new DatabaseError(
        "account-unusable",
        `This process may not start PostgreSQL under the account ${account.uid}, and it does not run as root. ` +
          "Start as an ordinary user, or set DATABASE_URL.",
        { cause: error },
      );
    }
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    const reason =
      stderr
        .trim()
        .split("\n")
        .find((line) => /error|fatal|could not/i.test(line)) ?? stderr.trim();
    throw new DatabaseError(
      "server-failed",
      `PostgreSQL could not create its files in ${folder}: ${reason || (error as Error).message}`,
      { cause: error },
    );
  }
}

async function makeFolderFor(account: Account | undefined, path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account) await chown(path, account.uid, account.gid);
}
