import { CommanderError } from "commander";
import { CliFailure, exitCodes } from "./failure.ts";
import type { CliHost } from "./host.ts";
import { createProgram } from "./program.ts";
import { reportFailure } from "./report.ts";
import { guardOutputs, withoutValues } from "./secrets.ts";

/**
 * Runs the command line and answers its exit code ({@link exitCodes}). Writes nowhere but to the host's streams and
 * the files that the command is about.
 */
export async function runCli(args: readonly string[], outside: CliHost): Promise<number> {
  const host = guardOutputs(outside);
  const json = args.includes("--json");
  try {
    await createProgram(host, json).parseAsync(args, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(host, json, error);
    if (error.exitCode === 0) return exitCodes.ok; // --help and --version
    if (json)
      reportFailure(
        host,
        json,
        new CliFailure("usage", withoutValues(error.message.replace(/^error: /, ""))),
      );
    return exitCodes.usage;
  }
}
