import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliFailure } from "../failure.ts";

/** Where `plugboard dev` listens, and what lets in: for `plugboard dev call` of the same person. */
export interface DevAddress {
  url: string;
  token: string;
}

const pathIn = (directory: string) => join(directory, ".plugboard", "dev.json");

/** Readable for its owner alone. */
export async function writeAddress(directory: string, address: DevAddress): Promise<void> {
  const path = pathIn(directory);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // The folder is nobody's business, nor version control's.
  await writeFile(join(dirname(path), ".gitignore"), "*\n");
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify(address, null, 2)}\n`, { mode: 0o600, flag: "wx" });
}

export async function removeAddress(directory: string): Promise<void> {
  await rm(pathIn(directory), { force: true });
}

/** @throws {CliFailure} when nothing runs there */
export async function readAddress(directory: string): Promise<DevAddress> {
  try {
    return JSON.parse(await readFile(pathIn(directory), "utf8"));
  } catch (cause) {
    throw new CliFailure(
      "dev-not-running",
      `No "plugboard dev" runs in ${directory}. Start it there, in another terminal.`,
      { cause },
    );
  }
}
