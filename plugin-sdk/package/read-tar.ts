import { extract, type Header } from "tar-stream";
import { PackageError } from "./errors.ts";
import { createPathCheck, type PackageFile } from "./files.ts";
import { packageLimits } from "./limits.ts";
import { writeTar } from "./write-tar.ts";

const prefix = "package/";

/**
 * Reads the files of a tar archive, which must be the one that {@link writeTar} makes of these files. So whatever
 * another tar program could see in it that this one does not (entries after its end, names in extended headers,
 * sizes in two places, …) is refused by one rule; the checks before it only say more clearly what is wrong.
 *
 * @throws PackageError
 */
export async function readTar(archive: Buffer): Promise<PackageFile[]> {
  const files = await readEntries(archive);
  let offset = 0;
  for await (const chunk of writeTar(files)) {
    if (!chunk.equals(archive.subarray(offset, offset + chunk.length))) throw notCanonical(offset);
    offset += chunk.length;
  }
  if (offset !== archive.length) throw notCanonical(offset);
  return files;
}

async function readEntries(archive: Buffer): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const checkPath = createPathCheck();
  let unpackedBytes = 0;
  const parser = extract();
  parser.end(archive);
  try {
    for await (const entry of parser) {
      const path = pathOf(entry.header);
      checkPath(path);
      unpackedBytes += entry.header.size;
      if (unpackedBytes > packageLimits.unpackedBytes) {
        throw new PackageError(
          "package-too-large",
          `The files have more than ${packageLimits.unpackedBytes} bytes.`,
        );
      }
      if (files.length >= packageLimits.entries) {
        throw new PackageError(
          "package-too-large",
          `The package has more than ${packageLimits.entries} files.`,
        );
      }
      files.push({ path, content: await contentOf(entry) });
    }
  } catch (cause) {
    if (cause instanceof PackageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PackageError("package-malformed", `The tar archive is damaged: ${why}`, { cause });
  }
  return files;
}

async function contentOf(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pathOf(header: Header): string {
  const name = JSON.stringify(header.name);
  if (header.type !== "file") {
    throw new PackageError(
      "package-unsafe-entry",
      `Entry ${name} is a ${header.type ?? "special entry"}; only regular files may be in a package.`,
    );
  }
  if (header.pax) {
    throw new PackageError(
      "package-not-canonical",
      `Entry ${name} has an extended header; expected a plain one.`,
    );
  }
  if (!header.name.startsWith(prefix)) {
    throw new PackageError("package-unsafe-entry", `Entry ${name} is not below ${prefix}.`);
  }
  return header.name.slice(prefix.length);
}

function notCanonical(offset: number): PackageError {
  return new PackageError(
    "package-not-canonical",
    `The tar archive is not the one that its files make; it differs near byte ${offset}. Build the package with \`plugboard build\`.`,
  );
}
