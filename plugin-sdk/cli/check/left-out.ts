import { readdir } from "node:fs/promises";
import { companionNames } from "../build/index.ts";
import type { FailureProblem } from "../failure.ts";

/** What looks as if it were meant for the package, in a spelling or form that is not taken along. */
const lookalike = /^(?:readme|changelog|licen[cs]e|icon)(?:\.[a-z0-9]+)?$/i;

export async function findLeftOut(directory: string): Promise<FailureProblem[]> {
  const names = (await readdir(directory, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  return names
    .filter((name) => lookalike.test(name) && !companionNames.includes(name))
    .sort()
    .map((file) => ({
      code: "file-not-packed",
      file,
      message: `${file} is not taken into the package, which has plugin.json, the code, and ${companionNames.join(", ")}. Give it one of these names, or leave it for yourself.`,
    }));
}
