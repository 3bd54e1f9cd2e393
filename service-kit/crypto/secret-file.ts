import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder, writeDurably } from "../files/index.ts";
import { CryptoError } from "./errors.ts";

/**
 * Reads a secret kept in a file, or creates it. When several processes create it at once, one wins
 * and all get the winner's; a crash on the way leaves either no file or a whole one.
 *
 * @returns the text without surrounding white space.
 * @throws CryptoError `secret-file-invalid` if the file is empty, or others than its owner may read it.
 */
export async function readOrCreateSecretFile(path: string, create: () => string): Promise<string> {
  const found = await readSecret(path);
  if (found !== undefined) return found;

  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    await writeDurably(draft, `${create()}\n`);
    await link(draft, path); // unlike a rename, it does not replace what another process made meanwhile
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));

  const secret = await readSecret(path);
  if (secret === undefined) throw invalid(path, "went away while it was being created");
  return secret;
}

async function readSecret(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw invalid(path, `can be read by others than its owner. Allow its owner alone: chmod 600 ${path}`);
  }
  const secret = text.trim();
  if (secret === "")
    throw invalid(path, "is empty. Put the secret back, or remove the file to get a new one");
  return secret;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function invalid(path: string, why: string): CryptoError {
  return new CryptoError("secret-file-invalid", `The secret file ${path} ${why}.`);
}
