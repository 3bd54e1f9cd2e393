import { open, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { createReport } from "../report.ts";

/** Writes a secret into a new file that only its owner may read. @returns the file's path @throws {CliFailure} if there is one already */
export async function writeSecretFile(host: CliHost, file: string, secret: string): Promise<string> {
  const path = resolve(host.cwd, file);
  try {
    const handle = await open(path, "wx", 0o600);
    try {
      await handle.writeFile(secret);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new CliFailure(
      "secret-file",
      `${path} was not written (${reason}). Name a file that does not exist yet, in a folder that does.`,
    );
  }
  return path;
}

/** Reads a secret from a file, or with `-` from standard input. Warns where others may read the file. */
export async function readSecretFile(host: CliHost, file: string): Promise<string> {
  if (file === "-") return readSecretFromStdin(host);
  const path = resolve(host.cwd, file);
  try {
    const text = await readFile(path, "utf8");
    if (process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0)
      createReport(host, false).warn(
        `other users of this machine may read ${path}; remove it when it is imported.`,
      );
    return text;
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new CliFailure("secret-file", `${path} cannot be read (${reason}).`);
  }
}

/** @throws {CliFailure} when nothing comes there */
export async function readSecretFromStdin(host: CliHost): Promise<string> {
  const text = (await host.readStdin?.())?.trim();
  if (text) return text;
  throw new CliFailure(
    "stdin-missing",
    "Nothing came on standard input. Pipe the secret in: plugboard … < file.",
  );
}
