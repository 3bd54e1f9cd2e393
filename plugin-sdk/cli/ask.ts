import { confirm, password, select, text } from "@clack/prompts";
import { CliFailure } from "./failure.ts";
import type { CliHost } from "./host.ts";
import { printableLine } from "./printable.ts";
import { withoutSecrets } from "./secrets.ts";

/** Questions to the person at the terminal. Only to be asked where `CliHost.interactive` holds. */
export async function askText(
  host: CliHost,
  message: string,
  validate: (value: string) => string | undefined,
): Promise<string> {
  const shownProblem = (value = "") => {
    const problem = validate(value);
    return problem === undefined ? undefined : shown(host, problem);
  };
  return answered(await text({ ...terminalOf(host), message: shown(host, message), validate: shownProblem }));
}

export async function askYes(host: CliHost, message: string): Promise<boolean> {
  return answered(await confirm({ ...terminalOf(host), message: shown(host, message), initialValue: false }));
}

export async function askChoice<Value extends string>(
  host: CliHost,
  message: string,
  options: { value: Value; label: string }[],
): Promise<Value> {
  const labelled = options.map(({ value, label }) => ({ value: value as string, label: shown(host, label) }));
  return answered(
    await select({ ...terminalOf(host), message: shown(host, message), options: labelled }),
  ) as Value;
}

/** What is typed is not shown. */
export async function askSecret(host: CliHost, message: string): Promise<string> {
  return answered(await password({ ...terminalOf(host), message: shown(host, message) }));
}

/** Questions go to stderr: stdout is the result's, and may be a file. */
function terminalOf({ terminal }: CliHost) {
  return { input: terminal?.input ?? process.stdin, output: terminal?.output ?? process.stderr };
}

/**
 * A question may have in it what a host or registry said. Neither steers the terminal, writes lines of its own, nor
 * repeats a secret: what is asked for here is agreed to.
 */
function shown(host: CliHost, message: string): string {
  return withoutSecrets(host, printableLine(message));
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer === "symbol") throw new CliFailure("cancelled", "Cancelled; nothing was changed.");
  return answer as Exclude<T, symbol>;
}
