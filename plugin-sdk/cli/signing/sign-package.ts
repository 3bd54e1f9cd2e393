import { signStatement, statementTypes } from "../../trust/index.ts";
import type { CliHost } from "../host.ts";
import { putFile } from "../made-files.ts";
import { type ReadTarball, readTarball } from "./read-tarball.ts";
import { findSigningKey } from "./signing-key.ts";

interface SignedPackage extends ReadTarball {
  /** The publisher's compact JWS over the package. */
  statement: string;
  statementPath: string;
  /** Of the key that signed. */
  kid: string;
}

/** Signs a package with its publisher's key and writes the statement beside it: `<package>.jws`. */
export async function signPackage(host: CliHost, path: string): Promise<SignedPackage> {
  const read = await readTarball(path);
  const { privateJwk, kid } = await findSigningKey(host, publisherOf(read.contents.manifest.id));
  const statement = await signStatement(statementTypes.publisher, read.contents.statement, { privateJwk });
  const statementPath = `${path}.jws`;
  await putFile(statementPath, `${statement}\n`);
  return { ...read, statement, statementPath, kid };
}

/** `plugboard` of `plugboard/stripe`. */
export function publisherOf(pluginId: string): string {
  return pluginId.slice(0, pluginId.indexOf("/"));
}
