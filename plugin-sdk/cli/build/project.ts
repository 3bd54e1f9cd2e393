import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkManifest, type Manifest } from "../../manifest/index.ts";
import { CliFailure } from "../failure.ts";

/** A plugin's directory, read and checked as far as that goes without running its code. */
export interface PluginProject {
  directory: string;
  /** As authored: without `contributes`, which the build adds. */
  manifest: Manifest;
  /** The module that default-exports what `definePlugin` returned, relative to the directory. */
  entry: string;
}

const defaultEntries = ["index.ts", "index.js"];

/**
 * Reads plugin.json and finds the entry: `source` in package.json, else index.ts or index.js.
 *
 * @throws {CliFailure} with every problem of the manifest
 */
export async function readProject(directory: string): Promise<PluginProject> {
  return { directory, manifest: await readManifest(directory), entry: await findEntry(directory) };
}

async function readManifest(directory: string): Promise<Manifest> {
  const value = await readJson(join(directory, "plugin.json"));
  if (value === undefined)
    throw new CliFailure(
      "manifest-missing",
      `There is no plugin.json in ${directory}. Run the command in a plugin's directory, or make one with "plugboard init".`,
    );
  const { manifest, problems } = checkManifest(value);
  if (manifest) return manifest;
  throw new CliFailure("manifest-invalid", "plugin.json is not valid.", {
    problems: problems.map((problem) => ({ file: "plugin.json", ...problem })),
  });
}

async function findEntry(directory: string): Promise<string> {
  const packageJson = await readJson(join(directory, "package.json"));
  const source = isRecord(packageJson) ? packageJson.source : undefined;
  const candidates = typeof source === "string" ? [source] : defaultEntries;
  for (const candidate of candidates) {
    if ((await readIfPresent(join(directory, candidate))) !== undefined) return candidate;
  }
  throw new CliFailure(
    "entry-missing",
    `There is no ${candidates.join(" or ")} in ${directory}. Write index.ts, or name another file as "source" in package.json.`,
  );
}

async function readJson(path: string): Promise<unknown> {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliFailure(
      "json-malformed",
      `${path} is not JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
