import { PackageError } from "./errors.ts";
import { createPathCheck, type PackageFile } from "./files.ts";
import { packageLimits } from "./limits.ts";
import { writeTar } from "./write-tar.ts";

const blockBytes = 512;
const prefix = "package/";

/** What a type byte means (POSIX pax interchange format, GNU tar); only "0" may be in a package. */
const entryTypes: { [type: string]: string } = {
  "\0": "file of a format before POSIX",
  "1": "hard link",
  "2": "symbolic link",
  "3": "character device",
  "4": "block device",
  "5": "folder",
  "6": "pipe",
  "7": "contiguous file",
  S: "sparse file",
  g: "extended header",
  x: "extended header",
  L: "long name",
  K: "long link name",
};

/**
 * Reads the files of a tar archive, which must be the one that {@link writeTar} makes of these files. So whatever
 * another tar program could see in it that this one does not (entries after its end, names in extended headers,
 * sizes in two places, …) is refused by one rule; the checks before it only say more clearly what is wrong.
 *
 * The headers are read here and not by tar-stream, because that waits for ever on some sizes that are no number.
 *
 * @throws PackageError
 */
export async function readTar(archive: Buffer): Promise<PackageFile[]> {
  const files = readEntries(archive);
  let offset = 0;
  for await (const chunk of writeTar(files)) {
    if (!chunk.equals(archive.subarray(offset, offset + chunk.length))) throw notCanonical(offset);
    offset += chunk.length;
  }
  if (offset !== archive.length) throw notCanonical(offset);
  return files;
}

function readEntries(archive: Buffer): PackageFile[] {
  const files: PackageFile[] = [];
  const checkPath = createPathCheck();
  let unpackedBytes = 0;
  for (let offset = 0; archive[offset] !== 0; ) {
    if (offset >= archive.length)
      throw malformed("it ends before its last file does, or without an end marker.");
    const { path, size } = readHeader(archive.subarray(offset, offset + blockBytes));
    checkPath(path);
    unpackedBytes += size;
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
    const start = offset + blockBytes;
    files.push({ path, content: archive.subarray(start, start + size) });
    offset = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}

/** @param header one block of an archive, whose first byte is not NUL */
function readHeader(header: Buffer): { path: string; size: number } {
  if (header.length < blockBytes) throw malformed("it ends within a header.");
  if (readNumber(header, 148, 8) !== checksumOf(header)) throw malformed("a header's checksum does not fit.");
  const directory = readText(header, 345, 155);
  const name = `${directory}${directory && "/"}${readText(header, 0, 100)}`;
  const type = header.toString("latin1", 156, 157);
  if (type !== "0") {
    const kind = entryTypes[type] ?? "special entry";
    throw new PackageError(
      "package-unsafe-entry",
      `Entry ${JSON.stringify(name)} is a ${kind}; only regular files may be in a package.`,
    );
  }
  if (!name.startsWith(prefix)) {
    throw new PackageError("package-unsafe-entry", `Entry ${JSON.stringify(name)} is not below ${prefix}.`);
  }
  const size = readNumber(header, 124, 12);
  if (size === undefined)
    throw malformed(`the size of entry ${JSON.stringify(name)} is not an octal number.`);
  return { path: name.slice(prefix.length), size };
}

/** A field's octal number, however it is padded. */
function readNumber(header: Buffer, start: number, length: number): number | undefined {
  const [, digits] = /^ *([0-7]+)[ \0]*$/.exec(header.toString("latin1", start, start + length)) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** A field's text up to its first NUL. One character is one byte: a path with bytes beyond ASCII is refused anyway. */
function readText(header: Buffer, start: number, length: number): string {
  const [text = ""] = header.toString("latin1", start, start + length).split("\0", 1);
  return text;
}

/** The sum of all bytes, with the checksum's own field taken as spaces. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) {
    if (index < 148 || index >= 156) sum += byte;
  }
  return sum;
}

function malformed(why: string): PackageError {
  return new PackageError("package-malformed", `The tar archive is damaged: ${why}`);
}

function notCanonical(offset: number): PackageError {
  return new PackageError(
    "package-not-canonical",
    `The tar archive is not the one that its files make; it differs near byte ${offset}. Build the package with \`plugboard build\`.`,
  );
}
