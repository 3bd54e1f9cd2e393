import { Argument, type Command } from "commander";
import { commandNodes, completions } from "../completion/index.ts";
import { addExamples } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { reportOf } from "../report.ts";

export function addCompletionCommand(program: Command, host: CliHost): void {
  const completion = program
    .command("completion")
    .description("print a script that lets your shell complete commands, options and their values")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(completions)))
    .action((shell: string, _options: object, command: Command) => {
      const script = completions[shell]?.(commandNodes(program)) ?? "";
      reportOf(host, command).done({ shell, script }, script.trimEnd());
    });
  addExamples(
    completion,
    ["source <(plugboard completion bash)", "In ~/.bashrc."],
    ["source <(plugboard completion zsh)", "In ~/.zshrc, after compinit."],
    ["plugboard completion fish | source", "In ~/.config/fish/config.fish."],
  );
}
