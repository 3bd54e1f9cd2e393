import type { CommandNode, OptionWord, Word } from "./tree.ts";

/** A completion for zsh, with what each word means. */
export function zshCompletion(nodes: CommandNode[]): string {
  return `#compdef plugboard
# Completion of plugboard for zsh. Put this into ~/.zshrc, after compinit:
#   source <(plugboard completion zsh)
_plugboard() {
  local at="" i
  local -a subcommands flags values
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/\${words[i]}" in
      ${nodes
        .filter(({ path }) => path.length > 0)
        .map(({ path }) => `/${path.join("/")}`)
        .join("|")}) at="$at/\${words[i]}" ;;
    esac
  done
  case "$at" in
${nodes.map(described).join("\n")}
  esac
  case "$at \${words[CURRENT-1]}" in
${nodes.flatMap(valued).join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe 'option' flags
  elif (( \${#subcommands} )); then
    _describe 'command' subcommands
  else
    _files
  fi
}
if [[ "\${funcstack[1]:-}" == _plugboard ]]; then
  _plugboard "$@"
else
  compdef _plugboard plugboard
fi
`;
}

function described({ path, subcommands, options }: CommandNode): string {
  const pattern = path.length === 0 ? '""' : `/${path.join("/")}`;
  return `    ${pattern})
      subcommands=(${subcommands.map(quoted).join(" ")})
      flags=(${options.map(quoted).join(" ")}) ;;`;
}

function valued({ path, options }: CommandNode): string[] {
  const at = path.length === 0 ? "" : `/${path.join("/")}`;
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ word, choices }: OptionWord) => {
      const complete =
        choices.length > 0 ? `values=(${choices.join(" ")}); _describe 'value' values` : "_files";
      return `    "${at} ${word}") ${complete}; return ;;`;
    });
}

/** `'word:meaning'`, in which colons part the two. */
function quoted({ word, meaning }: Word): string {
  return `'${word.replaceAll(":", "\\:")}:${meaning.replaceAll("'", "'\\''")}'`;
}
