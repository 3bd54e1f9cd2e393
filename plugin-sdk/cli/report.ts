import { styleText } from "node:util";
import type { Command } from "commander";
import { CliFailure, formatProblem } from "./failure.ts";
import { type CliHost, showsColors } from "./host.ts";
import { printable, toJson } from "./printable.ts";
import { noProgress, type Progress, showProgress } from "./progress.ts";

/** How a command tells what it did: prose for people, or with `--json` exactly one JSON document on stdout. */
export interface Report {
  /** What is being done, for people; not with `--quiet`. On stderr, so that stdout stays the result. */
  note(text: string): void;
  /** What should not be missed; on stderr, also with `--quiet`. */
  warn(text: string): void;
  /** Shows what is being done until it ends, on stderr; with a spinner on a terminal. Nothing with `--quiet`. */
  progress(text: string): Progress;
  /** The result; a command calls it once, last. */
  done(result: object, prose: string): void;
}

/** The report of a command, by the options that every command has. */
export function reportOf(host: CliHost, command: Command): Report {
  const { json, quiet } = command.optsWithGlobals<{ json?: boolean; quiet?: boolean }>();
  return createReport(host, json === true, quiet === true);
}

export function createReport(host: CliHost, json: boolean, quiet = false): Report {
  const tell = (text: string) => void host.stderr.write(`${printable(text)}\n`);
  return {
    note: (text) => void (quiet || tell(text)),
    warn: (text) => void host.stderr.write(`${paint(host, "yellow", "warning:")} ${printable(text)}\n`),
    progress: (text) => (quiet ? noProgress : showProgress(host, text)),
    done: (result, prose) =>
      void host.stdout.write(json ? `${toJson(result, 2)}\n` : `${printable(prose)}\n`),
  };
}

/** Tells why a command failed and answers its exit code. What is no {@link CliFailure} is a fault of ours: with its stack. */
export function reportFailure(host: CliHost, json: boolean, error: unknown): number {
  const failure =
    error instanceof CliFailure
      ? error
      : new CliFailure("unexpected", error instanceof Error ? (error.stack ?? error.message) : String(error));
  const { code, message, problems, details } = failure;
  if (json) {
    host.stdout.write(`${toJson({ error: { ...details, code, message, problems } }, 2)}\n`);
  } else {
    const lines = [message, ...problems.map((problem) => `  ${formatProblem(problem)}`)];
    host.stderr.write(`${paint(host, "red", "error:")} ${printable(lines.join("\n"))}\n`);
  }
  return failure.exitCode;
}

function paint(host: CliHost, color: "red" | "yellow", text: string): string {
  return showsColors(host, host.stderr) ? styleText(color, text, { validateStream: false }) : text;
}
