import { constants, crc32, inflateRaw } from "node:zlib";
import { gzipSync } from "fflate";
import { PackageError } from "./errors.ts";
import { packageLimits } from "./limits.ts";

/** No name, no time, no operating system (RFC 1952: 255 is unknown). */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const trailerBytes = 8;

/**
 * Compresses to the same bytes on every machine: fflate is JavaScript, while Node's zlib chooses its matches by
 * what the processor can do.
 */
export function compress(data: Buffer): Buffer {
  const compressed = Buffer.from(gzipSync(data, { level: 9, mtime: 0 }));
  header.copy(compressed);
  return compressed;
}

/**
 * Decompresses one gzip member that is the whole input. Stops at the limit, so a bomb costs no more than that.
 *
 * @throws PackageError
 */
export async function decompress(packed: Buffer): Promise<Buffer> {
  if (
    packed.length < header.length + trailerBytes ||
    packed[0] !== 0x1f ||
    packed[1] !== 0x8b ||
    packed[2] !== 8
  ) {
    throw new PackageError(
      "package-malformed",
      "The package is not a gzip file; expected a .tgz made by `plugboard build`.",
    );
  }
  // XFL (byte 8) and OS (byte 9) differ by writer and mean nothing; flags would bring names, comments and extras.
  if (packed.readUInt32LE(3) !== 0 || packed[7] !== 0) {
    throw new PackageError("package-not-canonical", "The gzip header has flags or a time; expected neither.");
  }
  const { data, consumed } = await inflate(packed.subarray(header.length));
  const trailer = packed.subarray(header.length + consumed);
  if (trailer.length < trailerBytes)
    throw new PackageError("package-malformed", "The gzip file ends too early.");
  if (trailer.readUInt32LE(0) !== crc32(data) || trailer.readUInt32LE(4) !== data.length) {
    throw new PackageError("package-malformed", "The gzip file is damaged: its checksum does not fit.");
  }
  if (trailer.length > trailerBytes) {
    throw new PackageError(
      "package-not-canonical",
      "Something follows the gzip data; expected the end of the file.",
    );
  }
  return data;
}

function inflate(raw: Buffer): Promise<{ data: Buffer; consumed: number }> {
  const limit = packageLimits.unpackedBytes + 512 * 3 * packageLimits.entries;
  return new Promise((resolve, reject) => {
    inflateRaw(
      raw,
      { maxOutputLength: limit, info: true, finishFlush: constants.Z_SYNC_FLUSH },
      (error, result) => {
        if (error) reject(inflateError(error));
        else resolve(resultOf(result));
      },
    );
  });
}

/** With `info`, the callback is handed `{ buffer, engine }`, which the types of Node do not know. */
function resultOf(result: unknown): { data: Buffer; consumed: number } {
  const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
  return { data: buffer, consumed: engine.bytesWritten };
}

function inflateError(cause: Error & { code?: string }): PackageError {
  return cause.code === "ERR_BUFFER_TOO_LARGE"
    ? new PackageError(
        "package-too-large",
        `The package unpacks to more than ${packageLimits.unpackedBytes} bytes.`,
        { cause },
      )
    : new PackageError("package-malformed", "The gzip file is damaged: its data cannot be decompressed.", {
        cause,
      });
}
