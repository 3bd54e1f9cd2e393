import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { PackageError, type PluginPackage, readPackage } from "@plugboard/plugin-sdk/package";
import type { PublisherStatement } from "@plugboard/plugin-sdk/trust";
import { httpErrors } from "@plugboard/service-kit/http";
import { registryError } from "../errors.ts";
import { compareStatement } from "../release/index.ts";

/**
 * Reads what the statement announces and not a byte more, and shows that these are the bytes it was signed for.
 *
 * @throws `statement-mismatch`; `request-incomplete` when it takes longer than `deadlineMs`
 */
export async function receiveTarball(
  stream: Readable,
  statement: PublisherStatement,
  { deadlineMs }: { deadlineMs: number },
): Promise<Buffer> {
  const deadline = setTimeout(() => stream.destroy(tooSlow(deadlineMs)), deadlineMs);
  const bytes = await readAnnounced(stream, statement.size).finally(() => clearTimeout(deadline));
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
  // In one piece from the start: pieces put together at the end would be held twice.
  const bytes = Buffer.allocUnsafe(size);
  let received = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (received + chunk.length <= size) chunk.copy(bytes, received);
    received += chunk.length;
    if (received > size) break;
  }
  if (received === size) return bytes;
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

function tooSlow(deadlineMs: number) {
  const detail = `The tarball had not arrived whole after ${deadlineMs / 1000} s. Send it again over a faster line.`;
  return httpErrors.error("request-incomplete", detail);
}

function mismatch(found: { pointer: string; message: string }[]) {
  const problems = found.map((problem) => ({ code: "statement-mismatch", ...problem }));
  return registryError("statement-mismatch", "The statement is not about this tarball.", { problems });
}
