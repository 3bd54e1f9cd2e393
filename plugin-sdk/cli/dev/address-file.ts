import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliFailure } from "../failure.ts";
import { putFile } from "../made-files.ts";

/** Where `plugboard dev` listens, and what lets in: for `plugboard dev call` of the same person. */
export interface DevAddress {
  url: string;
  token: string;
}

/** Far more than an address takes. */
const maxBytes = 4_096;

const pathIn = (directory: string) => join(directory, ".plugboard", "dev.json");

/**
 * Readable for its owner alone. A plugin that came from elsewhere may have links in its folder, which lead to what is
 * not its own: nothing is written through one.
 *
 * @throws {CliFailure} `dev-folder-refused`
 */
export async function writeAddress(directory: string, address: DevAddress): Promise<void> {
  const path = pathIn(directory);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST" && error.code !== "ENOENT") throw error; // A file, or a link to nothing: told next.
  });
  await requireFolder(folder);
  // The folder is nobody's business, nor version control's.
  await putFile(join(folder, ".gitignore"), "*\n");
  await putFile(path, `${JSON.stringify(address, null, 2)}\n`, 0o600);
}

export async function removeAddress(directory: string): Promise<void> {
  await rm(pathIn(directory), { force: true });
}

/**
 * What `plugboard dev` of the same person wrote. A file that came with a plugin must not have inputs sent elsewhere.
 *
 * @throws {CliFailure} `dev-not-running`, `dev-folder-refused`
 */
export async function readAddress(directory: string): Promise<DevAddress> {
  const path = pathIn(directory);
  const text = await readOwn(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new CliFailure(
      "dev-not-running",
      `No "plugboard dev" runs in ${directory}. Start it there, in another terminal.`,
      { cause },
    );
  });
  const address = parse(text);
  if (!address) throw refused(path, "does not name an address of this machine, with a token");
  return address;
}

async function readOwn(path: string): Promise<string> {
  await requireFolder(dirname(path));
  // Not through a link, and without waiting for whoever writes into a pipe. Windows has neither.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ELOOP" ? refused(path, "is a link") : error;
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > maxBytes) throw refused(path, "is no file of that kind");
    if (!isPrivate(found)) throw refused(path, "can be read by others on this machine");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function requireFolder(folder: string): Promise<void> {
  if (!(await lstat(folder)).isDirectory()) throw refused(folder, "is no folder, or a link to one");
}

/** Windows keeps access lists in the place of modes. */
function isPrivate({ mode, uid }: Stats): boolean {
  return process.platform === "win32" || ((mode & 0o077) === 0 && uid === process.getuid?.());
}

function parse(text: string): DevAddress | undefined {
  try {
    const { url, token }: Partial<DevAddress> = JSON.parse(text);
    if (typeof url === "string" && typeof token === "string" && isLoopback(url)) return { url, token };
  } catch {
    // Told by whoever asked.
  }
  return undefined;
}

/** An origin, so that no path in it can lead to something else that listens here. */
function isLoopback(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "http:" && url.hostname === "127.0.0.1" && url.origin === text;
}

function refused(path: string, how: string): CliFailure {
  return new CliFailure(
    "dev-folder-refused",
    `${path} ${how}, so it is not what "plugboard dev" wrote. Remove it, and start "plugboard dev" anew.`,
  );
}
