import type { CommandNode } from "./tree.ts";

/**
 * A completion for bash 3.2 and later (what macOS has), without the package bash-completion. Words are those of our own
 * tree; nothing of what is typed is evaluated.
 */
export function bashCompletion(nodes: CommandNode[]): string {
  return `# Completion of plugboard for bash. Put this into ~/.bashrc:
#   source <(plugboard completion bash)
_plugboard() {
  local cur prev path="" words="" options="" values="" takes_value="" i
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
${cases(nodes.filter(({ path }) => path.length > 0).map(({ path }) => `/${path.join("/")}`))}
        path="$path/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${nodes.map(described).join("\n")}
  esac
  case "$path $prev" in
${nodes.flatMap(valued).join("\n")}
  esac
  if [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  elif [[ -z $takes_value && $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
  elif [[ -z $takes_value && -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
}
# Where nothing of ours fits, files do.
complete -o default -F _plugboard plugboard
`;
}

function cases(paths: string[]): string {
  return `      ${paths.join("|")})`;
}

function described({ path, subcommands, options }: CommandNode): string {
  const pattern = path.length === 0 ? '""' : `/${path.join("/")}`;
  const words = subcommands.map(({ word }) => word).join(" ");
  return `    ${pattern}) words="${words}"; options="${options.map(({ word }) => word).join(" ")}" ;;`;
}

/** After an option that takes a value, its choices, or a file. */
function valued({ path, options }: CommandNode): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map(({ word, choices }) => {
      const at = path.length === 0 ? "" : `/${path.join("/")}`;
      return `    "${at} ${word}") takes_value=yes; values="${choices.join(" ")}" ;;`;
    });
}
