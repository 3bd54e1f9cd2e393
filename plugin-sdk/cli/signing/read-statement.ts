import { readFile } from "node:fs/promises";
import { decodeJwt } from "jose";
import { CliFailure } from "../failure.ts";
import { type ReadTarball, readTarball } from "./read-tarball.ts";

/**
 * A package with the statement that was written beside it; `undefined` if it was not signed yet.
 * The registry checks the signature; this checks that it speaks of these bytes.
 *
 * @throws {CliFailure} when the package changed since it was signed
 */
export async function readStatement(
  path: string,
): Promise<(ReadTarball & { statement: string }) | undefined> {
  const statement = await readIfPresent(`${path}.jws`);
  if (statement === undefined) return undefined;
  const read = await readTarball(path);
  if (signedDigest(statement) !== read.contents.sha512)
    throw new CliFailure(
      "signature-stale",
      `${path} is not what ${path}.jws was signed for. Run "plugboard sign" again.`,
    );
  return { ...read, statement };
}

function signedDigest(statement: string): unknown {
  try {
    return decodeJwt(statement).sha512;
  } catch {
    return undefined;
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return undefined;
  }
}
