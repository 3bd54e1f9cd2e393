import { join, resolve } from "node:path";
import { type Contributes, checkManifest, type Manifest } from "../../manifest/index.ts";
import { type PackageFile, packPackage } from "../../package/index.ts";
import type { CliFailure, FailureProblem } from "../failure.ts";
import { makeFolder, putFile } from "../made-files.ts";
import { tarballName } from "../names.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { configDifferences } from "./config-differences.ts";
import { readContributes } from "./contributes.ts";
import { findMissingDefault } from "./default-export.ts";
import { Findings } from "./findings.ts";
import { type HardCode, harden, type Place } from "./harden.ts";
import { findMissingNames } from "./missing-names.ts";
import { manifestFile, packageFiles } from "./package-files.ts";
import { type PluginProject, readProject } from "./project.ts";
import { isOwn } from "./suspects.ts";

/** A built plugin. The same sources give the same bytes. */
export interface PluginBuild {
  /** As it is in the package, with `contributes`. */
  manifest: Manifest;
  /** The one script that the sandbox runs. */
  code: string;
  /** Source map of the code, JSON; its paths are relative to the plugin's directory. It stays with the author. */
  map: string;
  /** Where a place in the code comes from. Line and column count from 1. */
  originOf(line: number, column: number): Place;
  files: PackageFile[];
  tarball: Buffer;
  /** Bytes of the code that each source file brings, the largest first. */
  inputs: { path: string; bytes: number }[];
  warnings: FailureProblem[];
}

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

/** How far a build came. */
export type BuildAttempt = {
  project: PluginProject;
  /** What the code became, if it came that far. */
  hard?: HardCode | undefined;
  /** What may fail in the author's own files. */
  warnings: FailureProblem[];
} & ({ built: PluginBuild; failure?: undefined } | { built?: undefined; failure: CliFailure });

/** {@link packPlugin} for those who want to know more of a plugin that does not build. */
export async function tryPackPlugin(o: { directory: string }): Promise<BuildAttempt> {
  const directory = resolve(o.directory);
  const project = await readProject(directory);
  const found = new Findings(project.problems);
  const made = project.entry === undefined ? undefined : await make(project, project.entry, found);
  const manifest = checkBuilt(project, made, found);
  const hard = made?.hard;
  const warnings = [...(made?.bundled.warnings ?? []), ...(hard?.suspects ?? []).filter(isOwn)];
  if (!made?.contributes || !manifest || !hard) return { project, hard, warnings, failure: found.failure() };
  const { code, map, originOf } = hard;
  const files = await packageFiles({ directory, manifest, code });
  const tarball = await packPackage(files);
  const { inputs } = made.bundled;
  return {
    project,
    hard,
    warnings,
    built: { manifest, code, map, originOf, files, tarball, inputs, warnings },
  };
}

/**
 * {@link packPlugin}, written to `dist/`: `plugin.js` and its source map, `plugin.json` with `contributes`, and
 * `<name>-<version>.tgz`.
 *
 * @throws {CliFailure} as packPlugin does; nothing is written then
 */
export async function buildPlugin(o: { directory: string }): Promise<WrittenPlugin> {
  const built = await packPlugin(o);
  const dist = join(resolve(o.directory), "dist");
  const tarballPath = join(dist, tarballName(built.manifest));
  await makeFolder(dist);
  await putFile(join(dist, "plugin.js"), built.code);
  await putFile(join(dist, "plugin.js.map"), fromDist(built.map));
  await putFile(join(dist, "plugin.json"), manifestFile(built.manifest));
  await putFile(tarballPath, built.tarball);
  return { ...built, tarballPath };
}

interface Made {
  bundled: Bundle;
  hard?: HardCode;
  contributes?: Contributes | undefined;
}

/** As far as it goes: each step needs what the one before it made. */
async function make(project: PluginProject, entry: string, found: Findings): Promise<Made | undefined> {
  const { directory, permissions } = project;
  const bundled = await found.attempt(() => bundle({ directory, entry }));
  if (!bundled) return undefined;
  found.add(await findMissingDefault({ directory, entry }));
  const hard = await found.attempt(() => harden(bundled, permissions));
  if (!hard) return { bundled };
  hard.suspects.push(...(await findMissingNames(bundled, { binary: permissions.binary !== undefined })));
  found.add(hard.problems);
  if (found.has("default-export-missing")) return { bundled, hard };
  const read = await found.attempt(() => readContributes(identityOf(project), hard));
  const { connection } = project.authored as { connection?: { config?: unknown } };
  found.add(
    configDifferences(read?.configs ?? {}, connection?.config).map(({ place, message }) => ({
      code: "config-differs",
      file: project.entry ?? "",
      line: 1,
      ...hard.placeOfOffer(place),
      message,
    })),
  );
  return { bundled, hard, contributes: read?.contributes };
}

/** What the sandbox says of itself in messages; where plugin.json does not say it, it is of no matter. */
function identityOf({ authored, permissions }: PluginProject) {
  const { id, version } = authored;
  return {
    id: typeof id === "string" ? id : "plugin",
    version: typeof version === "string" ? version : "0.0.0",
    permissions,
  };
}

/** The rules that need `contributes`: schemas within the allowed subset, hooks that the permissions name. */
function checkBuilt(project: PluginProject, made: Made | undefined, found: Findings): Manifest | undefined {
  if (!made?.contributes || !made.hard || found.has("json-malformed")) return undefined;
  const { contributes, hard } = made;
  const { manifest, problems } = checkManifest({
    ...project.authored,
    contributes: JSON.parse(JSON.stringify(contributes)),
  });
  // What plugin.json alone says was told before.
  const known = new Set(project.problems.map(({ pointer }) => pointer));
  const fresh = problems.filter(({ pointer }) => !known.has(pointer));
  found.add(
    fresh.map((problem) => {
      const [part, kind = "", ...rest] = problem.pointer.split("/").slice(1).map(unescapeToken);
      if (part !== "contributes") return project.locate(problem);
      const name = kind === "hooks" ? contributes.hooks?.[Number(rest[0])] : undefined;
      const path = name === undefined ? rest : [typeof name === "string" ? name : name.name];
      return { file: project.entry ?? "", line: 1, ...hard.placeOfOffer([kind, ...path]), ...problem };
    }),
  );
  return found.isEmpty() ? manifest : undefined;
}

const unescapeToken = (token: string) => token.replaceAll("~1", "/").replaceAll("~0", "~");

/** The map's paths as they are from dist/. */
function fromDist(map: string): string {
  const parsed: { sources: string[] } = JSON.parse(map);
  return JSON.stringify({
    ...parsed,
    file: "plugin.js",
    sources: parsed.sources.map((path) => `../${path}`),
  });
}
