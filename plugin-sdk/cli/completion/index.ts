import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import type { CommandNode } from "./tree.ts";
import { zshCompletion } from "./zsh.ts";

export { commandNodes } from "./tree.ts";

/** The script that a shell reads, by the shell's name. */
export const completions: { [shell: string]: (nodes: CommandNode[]) => string } = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
