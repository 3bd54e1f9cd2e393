/**
 * The SDK as npm would publish it, installed as a stranger would. Packing and installing it takes a quarter of a minute
 * of CPU: it is done once for each state of the sources, and every test has its own copy, outside the repository.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { digestOf } from "../../../scripts/source-digest.ts";
import { linkTree } from "./link-tree.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "..", "..", "..");
const cache = join(repository, "node_modules", ".cache", "packed-sdk");

/** What packs the SDK, in a checkout; the folder for the tarball comes behind it. */
export const packCommand = "npm pack --silent -w plugin-sdk --pack-destination";

/** Besides the tarball: what a scaffold asks for. */
const tools = ["typescript@7", "@types/node@26"];

/** Without this repository's tools, and without what npm told the tests. */
export function strangersEnv(): { [name: string]: string | undefined } {
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  const { HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH: path.join(delimiter), HOME, NODE_COMPILE_CACHE, npm_config_prefer_offline: "true" };
}

/** Puts the packed SDK into a folder; answers the tarball's name. */
export function putTarball(folder: string): Promise<string> {
  return withPackedSdk(async (made) => {
    const [tarball = ""] = (await readdir(made)).filter((name) => name.endsWith(".tgz"));
    await copyFile(join(made, tarball), join(folder, tarball));
    return tarball;
  });
}

/** Puts a node_modules/ into a folder, as an install of the packed SDK and of TypeScript leaves it. */
export function putNodeModules(folder: string): Promise<void> {
  return withPackedSdk(async (made) => linkTree(join(made, "node_modules"), join(folder, "node_modules")));
}

/** Makes of an empty folder one where the packed SDK and TypeScript have been installed; answers the tarball's name. */
export async function installPackedSdk(folder: string): Promise<string> {
  const tarball = await putTarball(folder);
  await putNodeModules(folder);
  await withPackedSdk(async (made) => {
    // Copied: a test may write what is in the folder itself, and would write the others' too.
    for (const file of ["package.json", "package-lock.json"])
      await copyFile(join(made, file), join(folder, file));
  });
  return tarball;
}

/** The lock is held while it is used, too: whoever finds other sources removes it. */
async function withPackedSdk<T>(use: (made: string) => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true });
  const folder = `sdk-${await digest()}`;
  return await withLock(join(cache, "lock"), async () => {
    if (!existsSync(join(cache, folder))) await make(folder);
    return await use(join(cache, folder));
  });
}

async function digest(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of ["plugin-sdk", "sandbox"]) hash.update(await digestOf(join(repository, folder), ""));
  for (const file of ["package.json", "package-lock.json", "tsconfig.json"])
    hash.update(await readFile(join(repository, file)));
  hash.update(await readFile(import.meta.filename));
  return hash.digest("hex").slice(0, 32);
}

/** Installs it outside the repository, then takes it into the cache: whole, or not at all. */
async function make(name: string): Promise<void> {
  for (const old of await readdir(cache))
    if (old !== "lock") await rm(join(cache, old), { recursive: true, force: true });
  const folder = await mkdtemp(join(tmpdir(), "plugboard-packed-"));
  try {
    const [npm = "", ...pack] = packCommand.split(" ");
    const packed = await run(npm, [...pack, folder], { cwd: repository });
    await writeFile(join(folder, "package.json"), '{"private":true}');
    const install = ["install", "--no-audit", "--no-fund", `./${packed.stdout.trim()}`, ...tools];
    await run(npm, install, { cwd: folder, env: strangersEnv() });
    const unfinished = join(cache, `unfinished-${process.pid}`);
    linkTree(folder, unfinished);
    await rename(unfinished, join(cache, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
