import { resolve } from "node:path";
import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { reportOf } from "../report.ts";

interface TestOptions {
  name?: string;
  record?: boolean;
}

export function addTestCommand(program: Command, host: CliHost): void {
  const test = program
    .command("test")
    .description("build the plugin, and run its *.test.ts and *.test.js with node:test")
    .argument("[directory]", "the plugin's directory", ".")
    .option("--name <pattern>", "run only the tests whose names fit this regular expression")
    .option("--record", "send requests to the vendor and write its answers, in tests that replay exchanges")
    .action(async (named: string, { name, record }: TestOptions, command: Command) => {
      const report = reportOf(host, command);
      const directory = resolve(host.cwd, named);
      const { buildPlugin } = await import("../build/index.ts"); // Slow to load, so only where it is needed.
      await buildPlugin({ directory });
      const { runTests } = await import("../tests/index.ts");
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const shown = json ? host.stderr : host.stdout;
      const env = record ? { ...host.env, PLUGBOARD_RECORD: "1" } : host.env;
      const run = await runTests({ directory, env, name, show: (text) => void shown.write(text) });
      const { failures, ...counts } = run;
      if (run.failed > 0)
        throw new CliFailure("tests-failed", `${run.failed} of ${run.tests} tests failed.`, {
          problems: failures,
          details: counts,
        });
      report.done(counts, `${run.passed} of ${run.tests} tests passed.`);
    });
  addExamples(
    test,
    ["plugboard test", "All tests of the plugin in this folder."],
    ["plugboard test --name refund", "Only those whose names have to do with refunds."],
    [
      "plugboard test --record",
      "Tests that replay a vendor's answers ask it anew, with PLUGBOARD_DEV_CREDENTIAL.",
    ],
  );
}
