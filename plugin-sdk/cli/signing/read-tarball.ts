import { readFile } from "node:fs/promises";
import { PackageError, type PluginPackage, readPackage } from "../../package/index.ts";
import { CliFailure } from "../failure.ts";

/** A package as the registry would read it, and its bytes. */
export interface ReadTarball {
  tarball: Buffer;
  contents: PluginPackage;
}

/** @throws {CliFailure} when there is no such file, or it breaks a rule for packages */
export async function readTarball(path: string): Promise<ReadTarball> {
  let tarball: Buffer;
  try {
    tarball = await readFile(path);
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = absent
      ? "is not there"
      : `cannot be read (${error instanceof Error ? error.message : error})`;
    throw new CliFailure("not-built", `${path} ${why}. Run "plugboard build" first.`, { cause: error });
  }
  try {
    return { tarball, contents: await readPackage(tarball) };
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw new CliFailure(error.code, `${path}: ${error.message}`, { problems: error.problems, cause: error });
  }
}
