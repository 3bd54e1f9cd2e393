import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The modules that may be a plugin's entry. @param source what package.json says */
export const entryCandidates = (source: unknown): string[] =>
  typeof source === "string" ? [source] : ["index.ts", "index.js"];

export async function firstPresent(
  directory: string,
  candidates: readonly string[],
): Promise<string | undefined> {
  for (const candidate of candidates)
    if ((await readIfPresent(join(directory, candidate))) !== undefined) return candidate;
  return undefined;
}

export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EISDIR"))
      return undefined;
    throw error;
  }
}
