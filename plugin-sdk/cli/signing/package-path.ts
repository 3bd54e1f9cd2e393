import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliFailure } from "../failure.ts";
import { tarballName } from "../names.ts";

/**
 * The package to work on: the one named, else what `plugboard build` made last in this directory.
 *
 * @throws {CliFailure} when nothing is named and nothing was built
 */
export async function findPackage(cwd: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return resolve(cwd, named);
  try {
    return join(
      cwd,
      "dist",
      tarballName(JSON.parse(await readFile(join(cwd, "dist", "plugin.json"), "utf8"))),
    );
  } catch (error) {
    throw new CliFailure("not-built", `Nothing was built in ${cwd}. Run "plugboard build", or name a .tgz.`, {
      cause: error,
    });
  }
}
