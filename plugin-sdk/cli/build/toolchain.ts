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
  digest ??= digestTools(findSdkPackage().root, { fromSource }).catch(() => undefined);
  return digest;
}

/** Wherever it lies: a checkout that is linked into a project runs its `dist` there. */
const fromSource = import.meta.filename.endsWith(".ts");

/** @param root of the package that builds @param o.fromSource whether its sources run, or its `dist` */
export async function digestTools(root: string, o: { fromSource: boolean }): Promise<string> {
  const hash = createHash("sha256").update(`node ${process.version} ${process.arch}\n`);
  const skipped = o.fromSource ? ["dist", "node_modules", "test"] : ["node_modules"];
  await addPackage(hash, root, { skipped, added: new Set() });
  return hash.digest("hex");
}

/** A package that is worked on: its code, and what it depends on. */
async function addPackage(
  hash: Hash,
  root: string,
  to: { skipped: string[]; added: Set<string> },
): Promise<void> {
  if (to.added.has(root)) return;
  to.added.add(root);
  for (const path of await filesIn(root, to.skipped))
    hash.update(`${path}\n`).update(await readFile(join(root, path)));
  const { dependencies, devDependencies } = await readPackage(root);
  // Where it is installed, what it was developed with is not.
  const names = Object.keys({ ...dependencies, ...(!isInstalled(root) && devDependencies) });
  for (const name of names.sort()) {
    const found = await findDependency(root, name);
    if (!found) hash.update(`no ${name}\n`);
    else if (isInstalled(found)) hash.update(`${name} ${(await readPackage(found)).version}\n`);
    else await addPackage(hash, found, to);
  }
}

const isInstalled = (root: string) => root.split(sep).includes("node_modules");

async function filesIn(root: string, skipped: string[]): Promise<string[]> {
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
