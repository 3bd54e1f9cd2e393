import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliFailure } from "../failure.ts";
import { tarballName } from "../names.ts";

/**
 * The package to work on: the one named, else what `plugboard build` made last in this directory.
 *
 * @throws {CliFailure} when nothing is named and nothing was built, or plugin.json was raised to another version since
 */
export async function findPackage(cwd: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return resolve(cwd, named);
  const built = await readRelease(join(cwd, "dist", "plugin.json"));
  if (!built)
    throw new CliFailure("not-built", `Nothing was built in ${cwd}. Run "plugboard build", or name a .tgz.`);
  const authored = await readRelease(join(cwd, "plugin.json"));
  if (authored && (authored.id !== built.id || authored.version !== built.version))
    throw new CliFailure(
      "build-stale",
      `plugin.json says ${authored.id} ${authored.version}, but what was built last is ${built.id} ${built.version}. Run "plugboard build" first, or name a .tgz.`,
    );
  return join(cwd, "dist", tarballName(built));
}

interface Release {
  id: string;
  version: string;
}

async function readRelease(path: string): Promise<Release | undefined> {
  try {
    const { id, version } = JSON.parse(await readFile(path, "utf8"));
    return typeof id === "string" && typeof version === "string" ? { id, version } : undefined;
  } catch {
    return undefined; // Not there, or not JSON: "plugboard build" says which.
  }
}
