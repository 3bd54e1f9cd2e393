import type { ParseArgsOptionsConfig } from "node:util";

/** Something that whoever runs a registry does from the command line. */
export interface Command {
  /** After `npm run registry --`. */
  usage: string;
  summary: string;
  options: ParseArgsOptionsConfig;
  /** How many words follow the command's name. */
  words: number;
  /** @returns what is printed. @throws OperatorError and what the registry refuses */
  run(o: { words: string[]; values: Values; env: NodeJS.ProcessEnv }): Promise<string>;
}

export type Values = { [name: string]: string | boolean | (string | boolean)[] | undefined };

/** What the operator can mend; one line. */
export class OperatorError extends Error {
  override name = "OperatorError";
  readonly code = "operator";
}

export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** @throws OperatorError if it was not given */
export function needed(values: Values, name: string): string {
  const value = text(values, name);
  if (value === undefined) throw new OperatorError(`--${name} is missing.`);
  return value;
}

export function list(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** @throws OperatorError unless it is a whole number within the bounds */
export function whole(given: string, name: string, [min, max]: [number, number]): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new OperatorError(`--${name} is ${given}; expected a whole number from ${min} to ${max}.`);
}
