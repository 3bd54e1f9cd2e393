import {
  findForeignFiles,
  findMissingFiles,
  judgeCapabilities,
  judgeEngineRange,
  listingFiles,
  readCode,
} from "../../inspection/index.ts";
import type { Problem } from "../../manifest/index.ts";
import { PackageError, type PackageFile, packageLimits, readPackage } from "../../package/index.ts";
import { type BuildAttempt, companionsIn, type PluginBuild, tryPackPlugin } from "../build/index.ts";
import type { FailureProblem } from "../failure.ts";
import { findLeftOut } from "./left-out.ts";
import { loadAsHostsDo } from "./load.ts";
import { findSecretsIn } from "./secrets-in.ts";

/** What a look at a plugin found. */
export interface CheckedPlugin {
  /** There when it builds. */
  built: PluginBuild | undefined;
  /** What a registry would refuse. */
  problems: FailureProblem[];
  /** What may be a mistake, and hinders nothing. */
  warnings: FailureProblem[];
}

/**
 * Everything that a registry would look at before it publishes a plugin, but for its name beside those of others: builds
 * it, reads the package, loads the code behind the walls of a host, and compares what it uses with what it declares. All
 * that can be looked at is, also where something else is wrong already.
 *
 * @throws {CliFailure} where there is no plugin at all
 */
export async function checkPlugin(o: { directory: string }): Promise<CheckedPlugin> {
  const attempt = await tryPackPlugin(o);
  const { built, failure, project } = attempt;
  const code = attempt.hard?.code;
  const files = built?.files ?? (await looseFiles(project.directory, code));
  const problems = failure ? problemsOf(failure) : [];
  const warnings = [...attempt.warnings];

  const range = rangeOf(project.authored);
  if (range !== undefined && !failure) problems.push(...judgeEngineRange(range).map(project.locate));
  problems.push(...findForeignFiles(files), ...listingFiles(files, built?.manifest.screenshots).problems);
  const secrets = await findSecretsIn(files);
  problems.push(...secrets.problems);
  warnings.push(...secrets.warnings, ...findMissingFiles(files), ...(await findLeftOut(project.directory)));
  if (code !== undefined) {
    const facts = await readCode(code);
    const judged = judgeCapabilities(
      { main: codePath, permissions: project.permissions, auth: project.authored.auth },
      facts,
    );
    problems.push(...judged.problems);
    warnings.push(...judged.notes);
  }
  if (built) problems.push(...(await refusedPackage(built)), ...(await loadAsHostsDo(built)));

  const place = placeIn(attempt, code);
  const told = new Set(problems.map(placeOf));
  return {
    built,
    problems: inOrder(problems.map(place)),
    // What is refused there is no news as a warning.
    warnings: inOrder(warnings.filter((warning) => !told.has(placeOf(warning))).map(place)),
  };
}

const codePath = "dist/plugin.js";

/** Files as a whole have no place that something else could be told of as well. */
function placeOf({ file, line, column, message }: FailureProblem): string {
  return column === undefined ? message : `${file}:${line}:${column}`;
}

/** File by file, as they come up, and from top to bottom in each. */
function inOrder(problems: FailureProblem[]): FailureProblem[] {
  return [...Map.groupBy(problems, ({ file }) => file).values()].flatMap((ofFile) =>
    ofFile.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  );
}

/** A problem that no file has is the project's as a whole. */
function problemsOf({ message, code, problems }: NonNullable<BuildAttempt["failure"]>): FailureProblem[] {
  return problems.length > 0 ? problems : [{ code, message }];
}

async function looseFiles(directory: string, code: string | undefined): Promise<PackageFile[]> {
  const script = code === undefined ? [] : [{ path: codePath, content: Buffer.from(code) }];
  return [...script, ...(await companionsIn(directory))];
}

function rangeOf({ engines }: { readonly [field: string]: unknown }): string | undefined {
  const range =
    typeof engines === "object" && engines !== null && "plugboard" in engines && engines.plugboard;
  return typeof range === "string" ? range : undefined;
}

/** The limits, and all that registries ask of an archive. */
async function refusedPackage({ tarball, files }: PluginBuild): Promise<FailureProblem[]> {
  try {
    await readPackage(tarball);
    return [];
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    const [largest] = [...files].sort((a, b) => b.content.length - a.content.length);
    const instead = ` A package has at most ${packageLimits.packedBytes} bytes; the largest file is ${largest?.path}.`;
    return [
      {
        code: error.code,
        file: largest?.path ?? "plugin.json",
        message: error.message + (error.code === "package-too-large" ? instead : ""),
      },
    ];
  }
}

/** Says it where the author can change it: in the sources instead of the built code, and by line in plugin.json. */
function placeIn(
  { hard, project, built }: BuildAttempt,
  code: string | undefined,
): (problem: FailureProblem) => FailureProblem {
  const scripts = new Set([codePath, built?.manifest.main]);
  return (problem) => {
    const { file, line, pointer } = problem;
    if (file !== undefined && scripts.has(file) && line !== undefined && hard) {
      const text = code?.split("\n")[line - 1] ?? "";
      const column = text.length - text.trimStart().length + 1;
      const { pointer: _, ...rest } = problem;
      return { ...rest, ...hard.originOf(line, column) };
    }
    if (file === undefined && pointer) return project.locate({ code: "", ...problem, pointer } as Problem);
    return problem;
  };
}
