import { builtinModules } from "node:module";
import type { Message } from "esbuild";
import type { FailureProblem } from "../failure.ts";

const builtins = new Set(builtinModules);

/** What esbuild says, in words that help an author of a plugin. */
const wordings: [said: RegExp, tell: (name: string) => string | undefined][] = [
  [
    /^Could not resolve "((?:node:)?[^"]+)"$/,
    (name) =>
      name.startsWith("node:") || builtins.has(name)
        ? `"${name}" is a module of Node, and plugins do not run in Node. ` +
          "Use the standard web names (fetch, URL, crypto, TextEncoder) or what the context hands to run()."
        : undefined,
  ],
  // A bare name that is not found is a package that was not installed; a path is told well enough.
  [
    /^Could not resolve "([^./][^"]*)"$/,
    (name) => `Could not resolve "${name}". Install it with npm, or correct the name.`,
  ],
  [
    /^Top-level await /,
    () => "There is no await at the top of a file: a plugin's code loads at once. Await inside of run().",
  ],
  [
    /^"import\.meta" is not available/,
    () =>
      "import.meta is empty in a plugin, which is one script without an address. Import what you need, JSON too.",
  ],
];

export function toProblem({ text, location }: Message): FailureProblem {
  const message =
    wordings.reduce<string | undefined>((found, [said, tell]) => {
      const match = found === undefined ? said.exec(text) : null;
      return match ? tell(match[1] ?? "") : found;
    }, undefined) ?? text;
  if (!location) return { message };
  return { message, file: location.file, line: location.line, column: location.column + 1 };
}
