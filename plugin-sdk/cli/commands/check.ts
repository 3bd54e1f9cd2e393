import { resolve } from "node:path";
import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import { CliFailure, formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { reportOf } from "../report.ts";

export function addCheckCommand(program: Command, host: CliHost): void {
  const check = program
    .command("check")
    .description("look at a plugin as a registry does before it publishes, and tell all problems at once")
    .argument("[directory]", "the plugin's directory", ".")
    .option("--strict", "fail on warnings too")
    .action(async (directory: string, { strict }: { strict?: boolean }, command: Command) => {
      const report = reportOf(host, command);
      const progress = report.progress("Looking at the plugin");
      const { checkPlugin } = await import("../check/index.ts"); // Slow to load, so only where it is needed.
      const checked = await checkPlugin({ directory: resolve(host.cwd, directory) }).finally(progress.end);
      const { built, problems, warnings } = checked;
      const wrong = strict ? [...problems, ...warnings] : problems;
      if (!strict) for (const warning of warnings) report.warn(formatProblem(warning));
      if (!built || wrong.length > 0)
        throw new CliFailure("check-failed", `${count(wrong.length, "problem")} found.`, {
          problems: wrong,
          details: strict ? {} : { warnings },
        });
      const { id, version } = built.manifest;
      report.done(
        { id, version, problems, warnings },
        `${id} ${version} is in order${warnings.length > 0 ? `, with ${count(warnings.length, "warning")}` : ""}. What a registry would look at besides is whether its name is too near to another.`,
      );
    });
  addExamples(check, ["plugboard check --strict", "In a CI: warnings fail it as well."]);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
