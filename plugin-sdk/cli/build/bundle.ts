import { build, type Message, type Metafile } from "esbuild";
import { CliFailure, type FailureProblem } from "../failure.ts";
import { toProblem } from "./bundle-problem.ts";
import { globalAliases, globals } from "./globals.ts";
import { noStyles } from "./no-styles.ts";

/** All of a plugin's code in one CommonJS-shaped script, before SES has had its say. */
export interface Bundle {
  code: string;
  /** Source map, JSON; its paths are relative to the plugin's directory. */
  map: string;
  /** Bytes that each source file brings. */
  inputs: { path: string; bytes: number }[];
  warnings: FailureProblem[];
}

// Inside the repository the SDK is TypeScript source; where it is installed, dist/.
const sourceConditions = import.meta.filename.endsWith(".ts") ? ["@plugboard/source"] : [];

/**
 * Bundles the entry and all it imports. The same input gives the same bytes.
 *
 * @throws {CliFailure} with file and line of everything that cannot be resolved or parsed
 */
export async function bundle({ directory, entry }: { directory: string; entry: string }): Promise<Bundle> {
  try {
    const result = await build({
      absWorkingDir: directory,
      entryPoints: [entry],
      outfile: "plugin.js",
      bundle: true,
      write: false,
      metafile: true,
      format: "cjs",
      platform: "neutral",
      target: "es2024",
      charset: "utf8",
      sourcemap: "external",
      sourcesContent: false,
      legalComments: "none",
      // Vendors' SDKs name their fetch-based build with one of these.
      conditions: ["worker", "browser", "module", ...sourceConditions],
      mainFields: ["browser", "module", "main"],
      define: { "process.env.NODE_ENV": '"production"', ...globalAliases },
      plugins: [noStyles, globals],
      logOverride: { "direct-eval": "silent" }, // which is refused, not warned of
      logLevel: "silent",
    });
    const textOf = (suffix: string) =>
      result.outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? "";
    return {
      code: textOf("plugin.js"),
      map: textOf("plugin.js.map"),
      inputs: inputsOf(result.metafile),
      warnings: result.warnings.map(toProblem),
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new CliFailure("bundle-failed", "The plugin's code could not be bundled.", {
      problems: error.errors.map(toProblem),
    });
  }
}

function inputsOf(metafile: Metafile): Bundle["inputs"] {
  const outputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return outputs
    .map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

function isBuildFailure(error: unknown): error is Error & { errors: Message[] } {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
