import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { contributedHooks } from "../../manifest/index.ts";
import type { WrittenPlugin } from "../build/index.ts";
import { formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { createReport } from "../report.ts";

const shownInputs = 5;

export function addBuildCommand(program: Command, host: CliHost): void {
  program
    .command("build")
    .description("bundle the code, generate contributes, and pack dist/<name>-<version>.tgz")
    .argument("[directory]", "the plugin's directory", ".")
    .action(async (directory: string, _options: object, command: Command) => {
      const report = createReport(host, command.optsWithGlobals().json === true);
      const { buildPlugin } = await import("../build/index.ts"); // Slow to load, so only where it is needed.
      const built = await buildPlugin({ directory: resolve(host.cwd, directory) });
      for (const warning of built.warnings) report.note(`warning: ${formatProblem(warning)}`);
      const { manifest, warnings, inputs } = built;
      report.done(
        {
          id: manifest.id,
          version: manifest.version,
          tarball: built.tarballPath,
          size: built.tarball.length,
          codeSize: Buffer.byteLength(built.code),
          contributes: manifest.contributes,
          inputs,
          warnings,
        },
        describeBuild(built, host.cwd),
      );
    });
}

function describeBuild({ manifest, code, tarball, tarballPath, inputs }: WrittenPlugin, cwd: string): string {
  const { actions = {} } = manifest.contributes ?? {};
  const hooks = contributedHooks(manifest).map(({ name }) => `hook ${name}`);
  const offered = [...Object.keys(actions), ...hooks];
  const largest = inputs.slice(0, shownInputs);
  const rest = inputs.slice(shownInputs).reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    `${manifest.id} ${manifest.version}: ${offered.join(", ") || "offers nothing yet"}`,
    `  code     ${kilobytes(Buffer.byteLength(code))}`,
    ...largest.map(({ path, bytes }) => `    ${kilobytes(bytes)}  ${path}`),
    ...(rest > 0 ? [`    ${kilobytes(rest)}  ${inputs.length - shownInputs} more files`] : []),
    `  package  ${kilobytes(tarball.length)}  ${relative(cwd, tarballPath)}`,
  ].join("\n");
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
}
