import { join, resolve } from "node:path";
import { makeFolder, putFile } from "../made-files.ts";
import { tarballName } from "../names.ts";
import { keepBuild } from "./kept-build.ts";
import { manifestFile } from "./package-files.ts";
import type { BuildAttempt, PluginBuild } from "./plugin-build.ts";
import { readTools } from "./toolchain.ts";

/** Where {@link buildPlugin} wrote what it built. */
export interface WrittenPlugin extends PluginBuild {
  tarballPath: string;
}

/**
 * Makes a plugin's package in memory: bundles, rewrites what SES would refuse, loads the result in the sandbox to
 * learn what it offers, and packs.
 *
 * @throws {CliFailure} with every problem that there is, by file and line; those of plugin.json also by pointer
 */
export async function packPlugin(o: { directory: string }): Promise<PluginBuild> {
  const { built, failure } = await tryPackPlugin(o);
  if (!built) throw failure;
  return built;
}

/** {@link packPlugin} for those who want to know more of a plugin that does not build. */
export async function tryPackPlugin(o: { directory: string }): Promise<BuildAttempt> {
  // What reads and rewrites code takes a while to load; a build that was kept does without.
  void readTools(); // As they are before any of them is loaded.
  const { attemptBuild } = await import("./attempt.ts");
  return attemptBuild(o);
}

/**
 * {@link packPlugin}, written to `dist/`: `plugin.js` and its source map, `plugin.json` with `contributes`, and
 * `<name>-<version>.tgz`.
 *
 * @throws {CliFailure} as packPlugin does; nothing is written then
 */
export async function buildPlugin(o: { directory: string }): Promise<WrittenPlugin> {
  const attempt = await tryPackPlugin(o);
  const { built, failure } = attempt;
  if (!built) throw failure;
  const dist = join(resolve(o.directory), "dist");
  const tarballPath = join(dist, tarballName(built.manifest));
  await makeFolder(dist);
  await putFile(join(dist, "plugin.js"), built.code);
  await putFile(join(dist, "plugin.js.map"), fromDist(built.map));
  await putFile(join(dist, "plugin.json"), manifestFile(built.manifest));
  await putFile(tarballPath, built.tarball);
  await keepBuild(o.directory, attempt);
  return { ...built, tarballPath };
}

/** The map's paths as they are from dist/. */
function fromDist(map: string): string {
  const parsed: { sources: string[] } = JSON.parse(map);
  return JSON.stringify({
    ...parsed,
    file: "plugin.js",
    sources: parsed.sources.map((path) => `../${path}`),
  });
}
