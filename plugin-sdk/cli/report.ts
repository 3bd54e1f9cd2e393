import { CliFailure, formatProblem } from "./failure.ts";
import type { CliHost } from "./host.ts";

/** How a command tells what it did: prose for people, or with `--json` exactly one JSON document on stdout. */
export interface Report {
  /** Progress and warnings: on stderr, so that stdout stays the result. */
  note(text: string): void;
  /** The result; a command calls it once, last. */
  done(result: object, prose: string): void;
}

export function createReport(host: CliHost, json: boolean): Report {
  return {
    note: (text) => void host.stderr.write(`${printable(text)}\n`),
    done: (result, prose) =>
      void host.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${printable(prose)}\n`),
  };
}

/** Tells why a command failed and answers its exit code. What is no {@link CliFailure} is a fault of ours: with its stack. */
export function reportFailure(host: CliHost, json: boolean, error: unknown): number {
  const failure =
    error instanceof CliFailure
      ? error
      : new CliFailure("unexpected", error instanceof Error ? (error.stack ?? error.message) : String(error));
  const { code, message, problems } = failure;
  if (json) host.stdout.write(`${JSON.stringify({ error: { code, message, problems } }, null, 2)}\n`);
  else host.stderr.write(`${printable(inProse(failure))}\n`);
  return failure.exitCode;
}

function inProse({ message, problems }: CliFailure): string {
  return [`error: ${message}`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join("\n");
}

/** What a registry or a plugin says must not steer the terminal: control characters other than line ends are shown as such. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, "\u{fffd}");
}
