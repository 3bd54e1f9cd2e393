import type { Command, Option } from "commander";

/** A command as completion needs it: where it stands, and what may follow. */
export interface CommandNode {
  /** The words that lead to it: `[]`, `["keys"]`, `["keys", "create"]`. */
  path: string[];
  subcommands: Word[];
  options: OptionWord[];
}

export interface Word {
  word: string;
  meaning: string;
}

export interface OptionWord extends Word {
  takesValue: boolean;
  /** What the value may be; empty: anything, such as a file. */
  choices: string[];
}

/** Every command, the program itself first. Options of the program are those of every command. */
export function commandNodes(program: Command): CommandNode[] {
  const everywhere = [...program.options.map(toWord), { ...word("--help", "display help"), ...noValue }];
  return nodesOf(program, [], everywhere);
}

function nodesOf(command: Command, path: string[], everywhere: OptionWord[]): CommandNode[] {
  const own = path.length === 0 ? [] : command.options.filter(({ hidden }) => !hidden).map(toWord);
  const node: CommandNode = {
    path,
    subcommands: command.commands.map((sub) => word(sub.name(), sub.description())),
    options: [...own, ...everywhere],
  };
  return [node, ...command.commands.flatMap((sub) => nodesOf(sub, [...path, sub.name()], everywhere))];
}

const noValue = { takesValue: false, choices: [] };

function toWord(option: Option): OptionWord {
  return {
    ...word(option.long ?? option.short ?? "", option.description),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}

function word(name: string, meaning: string): Word {
  return { word: name, meaning };
}
