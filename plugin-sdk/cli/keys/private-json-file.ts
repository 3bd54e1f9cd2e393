import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
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

  async read(): Promise<T | null> {
    try {
      return JSON.parse(await readFile(this.#path, "utf8"));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      if (error instanceof SyntaxError)
        throw new CliFailure(
          "profile-malformed",
          `${this.#path} is not JSON: ${error.message}. Repair or remove it.`,
        );
      throw error;
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
