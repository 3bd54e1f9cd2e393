import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const sdk = "@plugboard/plugin-sdk";

/**
 * How a new plugin should depend on the SDK: as the project around it does where that names a file (a tarball under
 * test), else by the version that is running.
 */
export async function sdkSpec(cwd: string, runningVersion: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const spec = await specIn(join(folder, "package.json"));
    if (spec?.startsWith("file:")) return `file:${resolve(folder, spec.slice("file:".length))}`;
    if (spec || folder === dirname(folder)) return `^${runningVersion}`;
  }
}

async function specIn(path: string): Promise<string | undefined> {
  try {
    const { dependencies, devDependencies } = JSON.parse(await readFile(path, "utf8"));
    return dependencies?.[sdk] ?? devDependencies?.[sdk];
  } catch {
    return undefined; // No package.json here, or one that is npm's to complain about.
  }
}
