import { PackageError } from "./errors.ts";
import { createPathCheck, type PackageFile } from "./files.ts";
import { compress } from "./gzip.ts";
import { packageLimits } from "./limits.ts";
import { writeTar } from "./write-tar.ts";

/**
 * Packs files into a tarball. The same files, in any order, make the same bytes on every machine.
 *
 * @returns the bytes of a `.tgz`
 * @throws PackageError for paths and sizes that a reader would refuse; the manifest is not looked at
 */
export async function packPackage(files: PackageFile[]): Promise<Buffer> {
  const checkPath = createPathCheck();
  for (const { path } of files) checkPath(path);
  const unpackedBytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (files.length > packageLimits.entries || unpackedBytes > packageLimits.unpackedBytes) {
    throw new PackageError(
      "package-too-large",
      `The package has ${files.length} files with ${unpackedBytes} bytes; allowed are ${packageLimits.entries} with ${packageLimits.unpackedBytes}.`,
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of writeTar(files)) chunks.push(chunk);
  const packed = compress(Buffer.concat(chunks));
  if (packed.length > packageLimits.packedBytes) {
    throw new PackageError(
      "package-too-large",
      `The package has ${packed.length} bytes packed; allowed are ${packageLimits.packedBytes}.`,
    );
  }
  return packed;
}
