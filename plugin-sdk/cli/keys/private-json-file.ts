import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Adapter } from "lowdb";
import { CliFailure } from "../failure.ts";

/**
 * A lowdb adapter for a file that only its owner may read (mode 0600, folder 0700). It is replaced in one step, so a
 * crash leaves the old or the new one.
 */
export class PrivateJsonFile<T> implements Adapter<T> {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {CliFailure} when others may read it, or it is not JSON */
  async read(): Promise<T | null> {
    let file: FileHandle;
    try {
      file = await open(this.#path, "r");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
    try {
      await requirePrivate(file, this.#path);
      return JSON.parse(await file.readFile("utf8"));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // What V8 says repeats what stands there, which may be a secret.
      throw new CliFailure("profile-malformed", `${this.#path} is not JSON. Repair or remove it.`);
    } finally {
      await file.close();
    }
  }

  async write(data: T): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const draft = `${this.#path}.${randomUUID()}`;
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(data, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.#path);
  }
}

/** Windows keeps access lists in the place of modes. */
async function requirePrivate(file: FileHandle, path: string): Promise<void> {
  if (process.platform === "win32") return;
  const { mode } = await file.stat();
  if ((mode & 0o077) === 0) return;
  throw new CliFailure(
    "profile-exposed",
    `${path} has secrets in it, and its mode ${(mode & 0o777).toString(8).padStart(4, "0")} lets other users at it. Run: chmod 600 '${path}'. If others may have read it, replace the keys and tokens in it.`,
  );
}
