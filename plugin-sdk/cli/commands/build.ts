import { relative, resolve } from "node:path";
import type { Command } from "commander";
import { contributedHooks, type Manifest } from "../../manifest/index.ts";
import type { PluginBuild, WrittenPlugin } from "../build/index.ts";
import { addExamples } from "../examples.ts";
import { formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { reportOf } from "../report.ts";

const shownInputs = 5;

export function addBuildCommand(program: Command, host: CliHost): void {
  const build = program
    .command("build")
    .description("bundle the code, generate contributes, and pack dist/<name>-<version>.tgz")
    .argument("[directory]", "the plugin's directory", ".")
    .action(async (directory: string, _options: object, command: Command) => {
      const report = reportOf(host, command);
      const { buildPlugin } = await import("../build/index.ts"); // Slow to load, so only where it is needed.
      const built = await buildPlugin({ directory: resolve(host.cwd, directory) });
      const { manifest, warnings, inputs, files, tarball } = built;
      for (const warning of warnings) report.warn(formatProblem(warning));
      report.done(
        {
          id: manifest.id,
          version: manifest.version,
          tarball: built.tarballPath,
          size: tarball.length,
          codeSize: Buffer.byteLength(built.code),
          files: files.map(({ path, content }) => ({ path, bytes: content.length })),
          inputs,
          packages: packagesOf(inputs),
          contributes: manifest.contributes,
          warnings,
        },
        describeBuild(built, host.cwd),
      );
    });
  addExamples(build, [
    "plugboard build --json",
    "For a script: sizes, what is offered, where the package is.",
  ]);
}

function describeBuild({ manifest, code, tarball, tarballPath, inputs }: WrittenPlugin, cwd: string): string {
  const offered = offersOf(manifest);
  const own = inputs.filter(({ path }) => packageOf(path) === undefined);
  const parts = [...own, ...packagesOf(inputs).map(({ name, bytes }) => ({ path: name, bytes }))];
  const largest = parts.sort((a, b) => b.bytes - a.bytes).slice(0, shownInputs);
  const rest = parts.slice(shownInputs).reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    `${manifest.id} ${manifest.version}: ${offered.join(", ") || "offers nothing yet"}`,
    `  code     ${kilobytes(Buffer.byteLength(code))}`,
    ...largest.map(({ path, bytes }) => `    ${kilobytes(bytes)}  ${path}`),
    ...(rest > 0 ? [`    ${kilobytes(rest)}  ${parts.length - shownInputs} more`] : []),
    `  package  ${kilobytes(tarball.length)}  ${relative(cwd, tarballPath)}`,
  ].join("\n");
}

function offersOf(manifest: Manifest): string[] {
  const { actions = {}, triggers = {}, entities = {}, webhooks } = manifest.contributes ?? {};
  return [
    ...Object.keys(actions),
    ...Object.keys(triggers).map((name) => `trigger ${name}`),
    ...Object.keys(entities).map((name) => `entity ${name}`),
    ...(webhooks ? ["webhooks"] : []),
    ...contributedHooks(manifest).map(({ name }) => `hook ${name}`),
  ];
}

/** What each npm package brings to the code, the largest first. */
function packagesOf(inputs: PluginBuild["inputs"]): { name: string; bytes: number }[] {
  const sums = new Map<string, number>();
  for (const { path, bytes } of inputs) {
    const name = packageOf(path);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  return [...sums].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

function packageOf(path: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
}
