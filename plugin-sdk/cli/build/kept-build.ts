import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { SourceMap } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Manifest } from "../../manifest/index.ts";
import { makeFolder, putFile } from "../made-files.ts";
import { bundle } from "./bundle.ts";
import { entryCandidates, firstPresent, readIfPresent } from "./entry.ts";
import type { BuildSource, PluginBuild } from "./plugin-build.ts";
import { toProblem } from "./suspects.ts";
import { readTools } from "./toolchain.ts";

/** What it takes to run a plugin. */
export type RunnableBuild = Pick<PluginBuild, "manifest" | "code" | "originOf">;

interface Kept {
  key: string;
  manifest: Manifest;
  code: string;
  map: string;
}

/**
 * Builds a plugin to be run, or takes its last build, where it was made from the same by the same tools: tests build the same
 * plugin in one process after the other. It is kept in `node_modules/.cache`, where there is one. What goes into it is bundled
 * each time, which is the quick part of a build, so that it is by what was read now that an old one is known.
 *
 * @throws {CliFailure} as packPlugin does
 */
export async function keptBuild(o: { directory: string }): Promise<RunnableBuild> {
  const directory = resolve(o.directory);
  const place = await placeFor(directory);
  const source = place && (await readSource(directory));
  const kept = source && (await readKept(place, source));
  if (kept) return kept;
  const { attemptBuild } = await import("./attempt.ts");
  const attempt = await attemptBuild({ directory });
  if (!attempt.built) throw attempt.failure;
  await keepBuild(directory, attempt);
  return attempt.built;
}

/** Keeps a build. That it cannot be kept costs the next one time, and nobody anything else. */
export async function keepBuild(
  directory: string,
  { built, from }: { built: PluginBuild; from: BuildSource },
): Promise<void> {
  try {
    const place = await placeFor(resolve(directory));
    const key = keyOf(from);
    if (!place || key === undefined) return;
    const { manifest, code, map } = built;
    const kept: Kept = { key, manifest, code, map };
    const folder = dirname(place);
    for (const one of [dirname(folder), folder]) await makeFolder(one);
    await putFile(place, JSON.stringify(kept));
  } catch {}
}

/** The file for the last build of a plugin; undefined where there is no `node_modules` for it. */
async function placeFor(directory: string): Promise<string | undefined> {
  const real = await realpath(directory).catch(() => undefined);
  for (let folder = real; folder !== undefined && folder !== dirname(folder); folder = dirname(folder)) {
    const modules = join(folder, "node_modules");
    const isFolder = await stat(modules).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const name = createHash("sha256").update(directory).digest("hex").slice(0, 32);
    if (isFolder) return join(modules, ".cache", "plugboard", `${name}.json`);
  }
  return undefined;
}

/** As a build reads it; undefined where something is wrong with it, of which a build tells. */
async function readSource(directory: string): Promise<BuildSource | undefined> {
  try {
    const tools = await readTools();
    const manifestText = await readFile(join(directory, "plugin.json"), "utf8");
    const project = JSON.parse((await readIfPresent(join(directory, "package.json"))) ?? "{}");
    const entry = await firstPresent(directory, entryCandidates(project?.source));
    return entry === undefined
      ? undefined
      : { tools, manifestText, entry, bundled: await bundle({ directory, entry }) };
  } catch {
    return undefined;
  }
}

/** Undefined where it cannot be said what a build was made with: such a one is neither kept nor taken. */
function keyOf({ tools, manifestText, entry, bundled }: BuildSource): string | undefined {
  if (tools === undefined) return undefined;
  const parts = [tools, manifestText, entry, bundled.code, bundled.map];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

async function readKept(place: string, source: BuildSource): Promise<RunnableBuild | undefined> {
  try {
    const kept: Kept = JSON.parse(await readFile(place, "utf8"));
    const key = keyOf(source);
    if (key === undefined || kept.key !== key) return undefined;
    const { manifest, code, map } = kept;
    let origins: SourceMap | undefined;
    return {
      manifest,
      code,
      originOf(line, column) {
        origins ??= new SourceMap(JSON.parse(map));
        return toProblem(origins, { line, column: column - 1 });
      },
    };
  } catch {
    return undefined; // There is none, or it is no whole one.
  }
}
