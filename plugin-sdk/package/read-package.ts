import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { parseStrictJson, StrictJsonError } from "../json/index.ts";
import { type Contributes, checkManifest, type Manifest } from "../manifest/index.ts";
import type { PublisherStatement } from "../trust/index.ts";
import { PackageError } from "./errors.ts";
import type { PackageFile } from "./files.ts";
import { decompress } from "./gzip.ts";
import { packageLimits } from "./limits.ts";
import { readTar } from "./read-tar.ts";

/** A package whose every part has been checked; nothing is known yet of who made it. */
export interface PluginPackage {
  manifest: BuiltManifest;
  /** In the order of the archive, which is by path. */
  files: PackageFile[];
  /** Bytes of the tarball. */
  size: number;
  /** Lowercase hex SHA-512 of the tarball. */
  sha512: string;
  /** What a publisher would sign for this package. */
  statement: PublisherStatement;
  /** The text of the script that `main` names. */
  mainCode: string;
}

/** A manifest as a package has it: with what the code contributes. */
export type BuiltManifest = Manifest & { contributes: Contributes };

/**
 * Reads a tarball, from memory or from a stream, and checks all that can be checked without a signature. Limits are
 * enforced while reading; of a stream that is too long the rest is not read.
 *
 * @throws PackageError
 */
export async function readPackage(tarball: Buffer | Readable): Promise<PluginPackage> {
  const packed = await collect(tarball);
  const files = await readTar(await decompress(packed));
  const manifestFile = files.find(({ path }) => path === "plugin.json");
  if (!manifestFile) throw new PackageError("manifest-missing", "The package has no plugin.json.");
  const manifest = readManifest(manifestFile.content);
  const sha512 = hash("sha512", packed);
  return {
    manifest,
    files,
    size: packed.length,
    sha512,
    statement: {
      id: manifest.id,
      version: manifest.version,
      size: packed.length,
      sha512,
      files: files.map(({ path, content }) => [path, content.length, hash("sha256", content)]),
      permissions: manifest.permissions,
      manifestSha512: hash("sha512", manifestFile.content),
    },
    mainCode: readMain(files, manifest.main),
  };
}

async function collect(tarball: Buffer | Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of Buffer.isBuffer(tarball) ? [tarball] : tarball) {
    size += chunk.length;
    if (size > packageLimits.packedBytes) {
      throw new PackageError(
        "package-too-large",
        `The package has more than ${packageLimits.packedBytes} bytes packed.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readManifest(content: Buffer): BuiltManifest {
  if (content.length > packageLimits.manifestBytes) {
    throw new PackageError(
      "manifest-invalid",
      `plugin.json has more than ${packageLimits.manifestBytes} bytes.`,
    );
  }
  let value: unknown;
  try {
    value = parseStrictJson(content);
  } catch (cause) {
    if (!(cause instanceof StrictJsonError)) throw cause;
    const problems = [{ code: "not-json", pointer: "", message: cause.message }];
    throw new PackageError("manifest-invalid", `plugin.json is not sound JSON: ${cause.message}`, {
      cause,
      problems,
    });
  }
  const { manifest, problems } = checkManifest(value);
  if (!manifest) {
    throw new PackageError("manifest-invalid", `plugin.json has ${problems.length} problems.`, { problems });
  }
  const { contributes } = manifest;
  if (!contributes) {
    const message = "contributes is missing; run `plugboard build`, which generates it from the code.";
    const missing = { code: "missing", pointer: "/contributes", message };
    throw new PackageError("manifest-invalid", message, { problems: [missing] });
  }
  return { ...manifest, contributes };
}

function readMain(files: PackageFile[], main: string): string {
  const file = files.find(({ path }) => path === main);
  if (!file)
    throw new PackageError("main-missing", `The package has no ${main}, which plugin.json names as main.`);
  try {
    const code = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.content);
    if (!code.includes("\0")) return code;
  } catch (cause) {
    throw new PackageError("main-invalid", `${main} is not UTF-8.`, { cause });
  }
  throw new PackageError("main-invalid", `${main} has a NUL character in it.`);
}

function hash(algorithm: "sha256" | "sha512", data: Buffer): string {
  return createHash(algorithm).update(data).digest("hex");
}
