import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { CliFailure } from "../failure.ts";
import { makeFolder } from "../made-files.ts";

/** A file of a new project; its path is relative to the project. */
export interface ProjectFile {
  path: string;
  content: string;
}

/**
 * Writes a project into an empty or new directory and answers its files' paths. Of two who do that at once, the one who
 * comes to the first file first goes on.
 *
 * @throws {CliFailure} when something is there already
 */
export async function writeProject(directory: string, files: ProjectFile[]): Promise<string[]> {
  const notEmpty = () =>
    new CliFailure("directory-not-empty", `${directory} is not empty. Name another with --dir.`);
  if ((await entriesOf(directory)).length > 0) throw notEmpty();
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, content } of sorted) {
    const target = join(directory, path);
    if (!target.startsWith(resolve(directory) + sep)) throw new Error(`${path} leads out of the project`);
    if (dirname(path) === ".") await mkdir(directory, { recursive: true });
    else await makeFolder(dirname(target));
    // Nothing is written over, and nothing through a link that was put there meanwhile.
    await writeFile(target, content, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? notEmpty() : error;
    });
  }
  return sorted.map(({ path }) => path);
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
