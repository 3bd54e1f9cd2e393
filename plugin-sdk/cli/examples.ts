import type { Command } from "commander";

/** A command line that works, and what it is good for. */
export type Example = readonly [line: string, meaning: string];

const known = new WeakMap<Command, readonly Example[]>();

/** Shows examples at the end of a command's `--help`, and in docs/cli.md. Each line starts with `plugboard`. */
export function addExamples(command: Command, ...examples: Example[]): Command {
  known.set(command, examples);
  const lines = examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return known.get(command) ?? [];
}
