import { environment } from "../plugin-sdk/cli/environment.ts";
import { examplesOf } from "../plugin-sdk/cli/examples.ts";
import { exitCodes, exitCodeTable } from "../plugin-sdk/cli/exit-codes.ts";
import { failureCodes } from "../plugin-sdk/cli/failure-codes.ts";
import { createProgram } from "../plugin-sdk/cli/program.ts";

type Command = ReturnType<typeof createProgram>;

/** The command line as a tree, to be looked at and not run. */
export function commandTree(): Command {
  const nowhere = { write: () => {} };
  return createProgram({ env: {}, cwd: ".", stdout: nowhere, stderr: nowhere, interactive: false }, false);
}

/** docs/cli.md, made from the tree of commands and from the tables that they go by. */
export function cliReference(introduction: string): string {
  const program = commandTree();
  const groups = Map.groupBy(program.commands, (command) => command.helpGroup());
  return `${[
    introduction.trim(),
    "## Exit codes",
    table(
      ["code", "meaning"],
      Object.values(exitCodeTable).map(({ code, meaning }) => [String(code), meaning]),
    ),
    "## Environment",
    table(
      ["variable", "what for"],
      Object.entries(environment).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    "## Options of every command",
    optionTable(program),
    "## Commands",
    ...[...groups].flatMap(([heading, commands]) => [
      `### ${heading.replace(/:$/, "")}`,
      ...commands.flatMap(leavesOf).map(describe),
    ]),
    "## Codes of failures",
    "What `error.code` of `--json` says where the command line itself failed. What a registry or a host refuses has the code that it gave, see [errors.md](errors.md); the exit code goes by its status: 4 for 401 and 403, 3 for 404, 6 for 409 and 412, 5 for 429 and from 500 on, else 1.",
    table(
      ["code", "exit", "meaning"],
      Object.entries(failureCodes)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, { exit, meaning }]) => [`\`${code}\``, String(exitCodes[exit]), meaning]),
    ),
  ].join("\n\n")}\n`;
}

/** The commands that do something: those without commands of their own. */
export function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function describe(command: Command): string {
  const help = command.createHelp();
  const args = help
    .visibleArguments(command)
    .map((argument) => [`\`${help.argumentTerm(argument)}\``, help.argumentDescription(argument)])
    .filter(([, meaning]) => meaning !== "");
  const examples = examplesOf(command).map(([line, meaning]) => `# ${meaning}\n${line}`);
  return [
    `#### \`${help.commandUsage(command).replace(" [options]", "")}\``,
    `${sentence(help.commandDescription(command))}`,
    ...(args.length > 0 ? [table(["argument", ""], args)] : []),
    ...(help.visibleOptions(command).length > 1 ? [optionTable(command)] : []),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.join("\n")}\n\`\`\``] : []),
  ].join("\n\n");
}

function optionTable(command: Command): string {
  const help = command.createHelp();
  const rows = help
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help")
    .map((option) => [`\`${help.optionTerm(option)}\``, help.optionDescription(option)]);
  return table(["option", ""], rows);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
