import { randomUUID } from "node:crypto";
import { lstat, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { CliFailure } from "./failure.ts";

/**
 * A folder for what is made of a plugin. A plugin that came from elsewhere may have a link in its place, which leads to
 * what is not its own.
 *
 * @throws {CliFailure} `folder-link`
 */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST" && error.code !== "ENOENT") throw error; // A file, or a link to nothing: told next.
  });
  if ((await lstat(path)).isDirectory()) return;
  throw new CliFailure(
    "folder-link",
    `${path} is no folder, or a link to one; nothing is written there. Remove it.`,
  );
}

/**
 * Puts a file in the place of what is there, which is never written through where it is a link. Whole, or not at all.
 *
 * @param mode who may read it; as the process makes files otherwise
 */
export async function putFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { flag: "wx", mode });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
