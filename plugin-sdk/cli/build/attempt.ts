import { resolve } from "node:path";
import { type Contributes, checkManifest, type Manifest } from "../../manifest/index.ts";
import { packPackage } from "../../package/index.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { configDifferences } from "./config-differences.ts";
import { readContributes } from "./contributes.ts";
import { findMissingDefault } from "./default-export.ts";
import { Findings } from "./findings.ts";
import { type HardCode, harden } from "./harden.ts";
import { findMissingNames } from "./missing-names.ts";
import { packageFiles } from "./package-files.ts";
import type { BuildAttempt } from "./plugin-build.ts";
import { type PluginProject, readProject } from "./project.ts";
import { isOwn } from "./suspects.ts";
import { readTools } from "./toolchain.ts";

/** Builds as far as it goes. */
export async function attemptBuild(o: { directory: string }): Promise<BuildAttempt> {
  const directory = resolve(o.directory);
  const tools = await readTools();
  const project = await readProject(directory);
  const found = new Findings(project.problems);
  const { entry } = project;
  const made = entry === undefined ? undefined : await make(project, entry, found);
  const manifest = checkBuilt(project, made, found);
  const hard = made?.hard;
  const warnings = [...(made?.bundled.warnings ?? []), ...(hard?.suspects ?? []).filter(isOwn)];
  if (entry === undefined || !made?.contributes || !manifest || !hard)
    return { project, hard, warnings, failure: found.failure() };
  const { code, map, originOf } = hard;
  const files = await packageFiles({ directory, manifest, code });
  const tarball = await packPackage(files);
  const { inputs } = made.bundled;
  return {
    project,
    hard,
    warnings,
    built: { manifest, code, map, originOf, files, tarball, inputs, warnings },
    from: { tools, manifestText: project.text, entry, bundled: made.bundled },
  };
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
