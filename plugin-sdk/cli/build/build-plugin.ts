import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkManifest, type Manifest } from "../../manifest/index.ts";
import { type PackageFile, packPackage } from "../../package/index.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";
import { tarballName } from "../names.ts";
import { bundle } from "./bundle.ts";
import { readContributes } from "./contributes.ts";
import { harden } from "./harden.ts";
import { findMissingNames } from "./missing-names.ts";
import { manifestFile, packageFiles } from "./package-files.ts";
import { readProject } from "./project.ts";
import { isOwn } from "./suspects.ts";

/** A built plugin. The same sources give the same bytes. */
export interface PluginBuild {
  /** As it is in the package, with `contributes`. */
  manifest: Manifest;
  /** The one script that the sandbox runs. */
  code: string;
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
 * @throws {CliFailure} with every problem of the step that failed, by file and line or by pointer into plugin.json
 */
export async function packPlugin(o: { directory: string }): Promise<PluginBuild> {
  const project = await readProject(resolve(o.directory));
  const bundled = await bundle(project);
  const { permissions } = project.manifest;
  const hard = harden(bundled, permissions);
  const { code, suspects } = hard;
  suspects.push(...(await findMissingNames(bundled, { binary: permissions.binary !== undefined })));
  const manifest = checkBuilt({
    ...project.manifest,
    contributes: await readContributes(project.manifest, hard),
  });
  const files = await packageFiles({ directory: project.directory, manifest, code });
  const { inputs } = bundled;
  const warnings = [...bundled.warnings, ...suspects.filter(isOwn)];
  return { manifest, code, files, tarball: await packPackage(files), inputs, warnings };
}

/**
 * {@link packPlugin}, written to `dist/`: `plugin.js`, `plugin.json` with `contributes`, and `<name>-<version>.tgz`.
 *
 * @throws {CliFailure} as packPlugin does; nothing is written then
 */
export async function buildPlugin(o: { directory: string }): Promise<WrittenPlugin> {
  const built = await packPlugin(o);
  const dist = join(resolve(o.directory), "dist");
  const tarballPath = join(dist, tarballName(built.manifest));
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, "plugin.js"), built.code);
  await writeFile(join(dist, "plugin.json"), manifestFile(built.manifest));
  await writeFile(tarballPath, built.tarball);
  return { ...built, tarballPath };
}

/** The rules that need `contributes`: schemas within the allowed subset, hooks that the permissions name. */
function checkBuilt(value: Manifest): Manifest {
  const { manifest, problems } = checkManifest(JSON.parse(manifestFile(value).toString("utf8")));
  if (manifest) return manifest;
  throw new CliFailure("manifest-invalid", "What the code offers does not fit plugin.json.", {
    problems: problems.map((problem) => ({ file: "plugin.json", ...problem })),
  });
}
