// Builds the sandbox's bundles, and every bundled plugin in plugins/*/ into its dist/, unless nothing that goes into it changed.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { WrittenPlugin } from "@plugboard/plugin-sdk/cli";
import { digestOf } from "./source-digest.ts";
import "./build-sandbox.ts";

const root = join(import.meta.dirname, "..");
const pluginsFolder = join(root, "plugins");
/** Beside the built files: the digest of what they were built from. */
const stampName = ".inputs.sha256";

let failed = false;
const toolchain = await toolchainDigest();
for (const plugin of await findPlugins()) {
  const directory = join(pluginsFolder, plugin);
  const stamp = join(directory, "dist", stampName);
  const inputs = await digestOf(directory, toolchain);
  if ((await readIfPresent(stamp)) === inputs) continue;
  await rm(join(directory, "dist"), { recursive: true, force: true });
  if (await build(directory)) await writeFile(stamp, inputs);
  else failed = true;
}
if (failed) process.exitCode = 1;

async function build(directory: string): Promise<boolean> {
  // Loaded only now: mostly there is nothing to build.
  const { buildPlugin, CliFailure, formatProblem } = await import("@plugboard/plugin-sdk/cli");
  try {
    const startedAt = performance.now();
    const built = await buildPlugin({ directory });
    console.log(describe(built, performance.now() - startedAt));
    return true;
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    console.error(
      `${relative(root, directory)}: ${[error.message, ...error.problems.map(formatProblem)].join("\n  ")}`,
    );
    return false;
  }
}

async function findPlugins(): Promise<string[]> {
  const entries = await readdir(pluginsFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** What turns sources into a plugin: the SDK that is bundled, the build itself, and the installed versions of its tools. */
async function toolchainDigest(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of ["plugin-sdk", "sandbox"]) hash.update(await digestOf(join(root, folder), ""));
  hash.update(await readFile(join(root, "package-lock.json")));
  return hash.digest("hex");
}

async function readIfPresent(path: string): Promise<string | undefined> {
  return (await stat(path).catch(() => undefined)) ? readFile(path, "utf8") : undefined;
}

function describe({ manifest, code, tarball }: WrittenPlugin, ms: number): string {
  const bytes = `${(Buffer.byteLength(code) / 1000).toFixed(1)} kB of code, ${(tarball.length / 1000).toFixed(1)} kB packed`;
  return `built ${manifest.id} ${manifest.version}: ${bytes}, ${Math.round(ms)} ms`;
}
