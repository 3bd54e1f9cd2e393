import { confirm, password, select, text } from "@clack/prompts";
import { CliFailure } from "./failure.ts";

/** Questions go to stderr: stdout is the result's, and may be a file. */
const output = process.stderr;

/** Questions to the person at the terminal. Only to be asked where `CliHost.interactive` holds. */
export async function askText(
  message: string,
  validate: (value: string) => string | undefined,
): Promise<string> {
  return answered(await text({ message, output, validate: (value) => validate(value ?? "") }));
}

export async function askYes(message: string): Promise<boolean> {
  return answered(await confirm({ message, output, initialValue: false }));
}

export async function askChoice<Value extends string>(
  message: string,
  options: { value: Value; label: string }[],
): Promise<Value> {
  return answered(await select<string>({ message, output, options })) as Value;
}

/** What is typed is not shown. */
export async function askSecret(message: string): Promise<string> {
  return answered(await password({ message, output }));
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (typeof answer === "symbol") throw new CliFailure("cancelled", "Cancelled; nothing was changed.");
  return answer as Exclude<T, symbol>;
}
