import { relative } from "node:path";
import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { reportOf } from "../report.ts";

export function addSignCommand(program: Command, host: CliHost): void {
  const sign = program
    .command("sign")
    .description("sign a built package with its publisher's key, and write <package>.jws")
    .argument("[package]", "the .tgz (default: what was built last in this directory)")
    .action(async (named: string | undefined, _options: object, command: Command) => {
      const report = reportOf(host, command);
      const { findPackage, signPackage } = await import("../signing/index.ts"); // Slow to load, so only where it is needed.
      const signed = await signPackage(host, await findPackage(host.cwd, named));
      const { id, version } = signed.contents.manifest;
      report.done(
        { id, version, sha512: signed.contents.sha512, kid: signed.kid, statement: signed.statementPath },
        `Signed ${id} ${version} with key ${signed.kid}: ${relative(host.cwd, signed.statementPath)}`,
      );
    });
  addExamples(
    sign,
    ["plugboard sign", "What was built last in this folder."],
    [
      "plugboard sign dist/weather-1.0.0.tgz",
      "A package by its name, with the key of the environment or profile.",
    ],
  );
}
