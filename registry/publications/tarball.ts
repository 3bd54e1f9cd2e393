import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { PackageError, type PluginPackage, readPackage } from "@plugboard/plugin-sdk/package";
import type { PublisherStatement } from "@plugboard/plugin-sdk/trust";
import { registryError } from "../errors.ts";
import { compareStatement } from "../release/index.ts";

/**
 * Reads what the statement announces and not a byte more, and shows that these are the bytes it was signed for.
 *
 * @throws `statement-mismatch`
 */
export async function receiveTarball(stream: Readable, statement: PublisherStatement): Promise<Buffer> {
  const bytes = await readAnnounced(stream, statement.size);
  const sha512 = createHash("sha512").update(bytes).digest("hex");
  if (sha512 === statement.sha512) return bytes;
  const message = `The statement says ${statement.sha512}, the tarball has ${sha512}.`;
  throw mismatch([{ pointer: "/sha512", message }]);
}

/**
 * Unpacks the bytes, and shows that they keep the rules for packages and are what the statement says in all else.
 *
 * @returns what its plugin.json says
 * @throws `statement-mismatch`, `package-*`, `manifest-*`, `main-*`, with all problems
 */
export async function checkTarball(bytes: Buffer, statement: PublisherStatement): Promise<Manifest> {
  const content = await readPackageOrRefuse(bytes);
  const problems = compareStatement(statement, content.statement);
  if (problems.length > 0) throw mismatch(problems);
  return content.manifest;
}

async function readAnnounced(stream: Readable, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received > size) break;
    chunks.push(chunk);
  }
  if (received === size) return Buffer.concat(chunks, size);
  const found = received > size ? "more" : String(received);
  const message = `The statement says ${size} bytes, the tarball has ${found}.`;
  throw mismatch([{ pointer: "/size", message }]);
}

/** Reads a package; what it breaks is refused under the same code. */
async function readPackageOrRefuse(bytes: Buffer): Promise<PluginPackage> {
  try {
    return await readPackage(bytes);
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw registryError(error.code, error.message, { problems: error.problems }, { cause: error });
  }
}

function mismatch(found: { pointer: string; message: string }[]) {
  const problems = found.map((problem) => ({ code: "statement-mismatch", ...problem }));
  return registryError("statement-mismatch", "The statement is not about this tarball.", { problems });
}
