import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Digest, in hex, of the sources below a folder: what is built, installed, or a test is left out. */
export async function digestOf(folder: string, seed: string): Promise<string> {
  const hash = createHash("sha256").update(seed);
  for (const path of await sourcesIn(folder)) {
    hash.update(`${relative(folder, path)}\0`).update(await readFile(path));
  }
  return hash.digest("hex");
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const skipped = new Set(["dist", "node_modules", "test"]);
  const found = await Promise.all(
    entries
      .filter(({ name }) => !skipped.has(name))
      .map((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? sourcesIn(path) : [path];
      }),
  );
  return found.flat().sort();
}
