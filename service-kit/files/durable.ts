import { open } from "node:fs/promises";

/**
 * Writes a new file that only its owner may read, and returns when a loss of power no longer takes what is in it. Its name
 * is kept only after {@link syncFolder}.
 *
 * @throws Error with the code `EEXIST` if there is a file of this name
 */
export async function writeDurably(
  path: string,
  text: string,
  { owner }: { owner?: { uid: number; gid: number } | undefined } = {},
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    if (owner) await file.chown(owner.uid, owner.gid);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes names that were made, moved or removed in a folder outlast a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
