/** One thing that a tutorial has its reader do. */
export type Step =
  | { kind: "file"; path: string; content: string }
  /** `output` may have `…` in it. Without a command, it is what a terminal that runs already shows. */
  | { kind: "command"; where: "here" | "checkout" | "terminal"; command: string | undefined; output: string };

/**
 * The fenced blocks of a Markdown text in order: ```` ```ts index.ts ```` is a file; ```` ```console ```` has commands after `$ `,
 * each with what it prints; with `terminal` behind it, they are of one that goes on running.
 */
export function readTutorial(markdown: string): Step[] {
  return [...markdown.matchAll(/^```(\S+)(?: (\S+))?\n(.*?)^```$/gms)].flatMap(
    ([, language, info, content = ""]): Step[] => {
      if (language !== "console") return info ? [{ kind: "file", path: info, content }] : [];
      const where = info === "checkout" || info === "terminal" ? info : "here";
      if (!content.startsWith("$ ")) return [{ kind: "command", where, command: undefined, output: content }];
      return content
        .split(/^\$ /m)
        .slice(1)
        .map((part) => {
          const end = part.indexOf("\n");
          return { kind: "command", where, command: part.slice(0, end), output: part.slice(end + 1) };
        });
    },
  );
}

/** Whether a text is what a tutorial says, where `…` stands for anything. */
export function fits(said: string, shown: string): boolean {
  const escaped = said
    .trim()
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^]*?")}$`).test(shown.trim());
}
