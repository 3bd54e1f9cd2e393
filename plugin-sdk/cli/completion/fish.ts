import type { CommandNode } from "./tree.ts";

/** A completion for fish, with what each word means. */
export function fishCompletion(nodes: CommandNode[]): string {
  const paths = nodes.filter(({ path }) => path.length > 0).map(({ path }) => `/${path.join("/")}`);
  return `# Completion of plugboard for fish. Put this into ~/.config/fish/config.fish:
#   plugboard completion fish | source
function __plugboard_at
    set -l at ""
    for word in (commandline -opc)[2..-1]
        switch "$at/$word"
            case ${paths.map((path) => `'${path}'`).join(" ")}
                set at "$at/$word"
        end
    end
    test "$at" = "$argv[1]"
end
${nodes.flatMap(described).join("\n")}
`;
}

function described({ path, subcommands, options }: CommandNode): string[] {
  const at = path.length === 0 ? "" : `/${path.join("/")}`;
  const when = `complete -c plugboard -n "__plugboard_at '${at}'"`;
  return [
    ...subcommands.map(({ word, meaning }) => `${when} -f -a ${word} -d ${quoted(meaning)}`),
    ...options.map(({ word, meaning, takesValue, choices }) => {
      const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : takesValue ? " -r" : "";
      return `${when} -l ${word.replace(/^--/, "")}${value} -d ${quoted(meaning)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
