import { builtinModules } from "node:module";
import type { Message } from "esbuild";
import type { FailureProblem } from "../failure.ts";

const builtins = new Set(builtinModules);

/** What esbuild says, in words that help an author of a plugin. */
const wordings: [code: string, said: RegExp, tell: (name: string) => string | undefined][] = [
  [
    "import-of-node",
    /^Could not resolve "((?:node:)?[^"]+)"$/,
    (name) =>
      name.startsWith("node:") || builtins.has(name)
        ? `"${name}" is a module of Node, and plugins do not run in Node. ` +
          "Use the standard web names (fetch, URL, crypto, TextEncoder) or what the context hands to run()."
        : undefined,
  ],
  // A bare name that is not found is a package that was not installed; a path is told well enough.
  [
    "import-unresolved",
    /^Could not resolve "([^./][^"]*)"$/,
    (name) => `Could not resolve "${name}". Install it with npm, or correct the name.`,
  ],
  [
    "await-at-top",
    /^Top-level await /,
    () => "There is no await at the top of a file: a plugin's code loads at once. Await inside of run().",
  ],
  [
    "import-meta",
    /^"import\.meta" is not available/,
    () =>
      "import.meta is empty in a plugin, which is one script without an address. Import what you need, JSON too.",
  ],
];

export function toProblem({ id, text, location }: Message): FailureProblem {
  const place = location ? { file: location.file, line: location.line, column: location.column + 1 } : {};
  for (const [code, said, tell] of wordings) {
    const match = said.exec(text);
    const message = match && tell(match[1] ?? "");
    if (message) return { code, message, ...place };
  }
  // esbuild names its warnings, and not its errors.
  const unresolved = text.startsWith("Could not resolve");
  const code = id ? "suspect-code" : unresolved ? "import-unresolved" : "syntax";
  return { code, message: text, ...place };
}
