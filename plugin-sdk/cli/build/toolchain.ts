import { createHash, type Hash } from "node:crypto";
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { findSdkPackage } from "../package-root.ts";

let digest: Promise<string | undefined> | undefined;

/**
 * Digest, in hex, of what makes a plugin of its sources: the code of this package, Node, and the versions of all that this
 * package depends on. By content, for a version that is worked on keeps its number. Undefined where that cannot be read.
 */
export function readTools(): Promise<string | undefined> {
  digest ??= digestTools().catch(() => undefined);
  return digest;
}

async function digestTools(): Promise<string> {
  const hash = createHash("sha256").update(`node ${process.version} ${process.arch}\n`);
  await addPackage(hash, findSdkPackage().root, new Set());
  return hash.digest("hex");
}

/** A package that is worked on: its code, and what it depends on. */
async function addPackage(hash: Hash, root: string, added: Set<string>): Promise<void> {
  if (added.has(root)) return;
  added.add(root);
  for (const path of await filesIn(root)) hash.update(`${path}\n`).update(await readFile(join(root, path)));
  const { dependencies, devDependencies } = await readPackage(root);
  // Where it is installed, what it was developed with is not.
  const names = Object.keys({ ...dependencies, ...(!isInstalled(root) && devDependencies) });
  for (const name of names.sort()) {
    const found = await findDependency(root, name);
    if (!found) hash.update(`no ${name}\n`);
    else if (isInstalled(found)) hash.update(`${name} ${(await readPackage(found)).version}\n`);
    else await addPackage(hash, found, added);
  }
}

const isInstalled = (root: string) => root.split(sep).includes("node_modules");

/** In a checkout the sources are what runs; where it is installed, `dist`. */
async function filesIn(root: string): Promise<string[]> {
  const skipped = isInstalled(root) ? ["node_modules"] : ["dist", "node_modules", "test"];
  async function below(folder: string): Promise<string[]> {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const found = await Promise.all(
      entries
        .filter(({ name }) => folder !== "" || !skipped.includes(name))
        .map((entry) => {
          const path = join(folder, entry.name);
          return entry.isDirectory() ? below(path) : [path];
        }),
    );
    return found.flat();
  }
  return (await below("")).sort();
}

interface PackageJson {
  version: string;
  dependencies?: { [name: string]: string };
  devDependencies?: { [name: string]: string };
}

async function readPackage(root: string): Promise<PackageJson> {
  return JSON.parse(await readFile(join(root, "package.json"), "utf8"));
}

/** Where Node finds it (nodejs.org/api/modules.html, "Loading from node_modules folders"). */
async function findDependency(root: string, name: string): Promise<string | undefined> {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = await realpath(join(folder, "node_modules", name)).catch(() => undefined);
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}
