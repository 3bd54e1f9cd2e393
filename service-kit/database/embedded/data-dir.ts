import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { codeOf, DatabaseError, messageOf } from "../errors.ts";

/**
 * Makes sure that the data directory is there and can be written. It is made closed to others.
 *
 * @throws DatabaseError `data-dir-unusable`
 */
export async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!(await stat(dataDir)).isDirectory()) throw new Error("it is not a folder");
  } catch (error) {
    const why = reasons[codeOf(error) ?? ""] ?? messageOf(error);
    throw new DatabaseError(
      "data-dir-unusable",
      `The data directory ${dataDir} cannot be used: ${why}. Set PLUGBOARD_DATA_DIR to a folder that this user can write.`,
      { cause: error },
    );
  }
}

const reasons: Record<string, string> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  EEXIST: "it is a file, not a folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENOSPC: "the disk is full",
};
