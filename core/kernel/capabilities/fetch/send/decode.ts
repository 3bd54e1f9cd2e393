import type { Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";
import type { Header } from "../types.ts";

export const acceptedCodings = "gzip, deflate, br, zstd";

/** Each takes memory of its own, before anything has come out of it. */
const mostCodings = 3;

/** 8 MiB, the most that a content coding may ask for (RFC 9659). A frame can ask for gigabytes. */
const mostZstdWindowLog = 23;

const decoders: Record<string, (first: Buffer) => Transform> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  // By its specification it has zlib's wrapping; some servers leave that out.
  deflate: (first) => (((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: mostZstdWindowLog } }),
};

/** The codings that a body is in, the outermost first; undefined if one is not known here. */
export function codingsOf(headers: readonly Header[]): string[] | undefined {
  const codings = headers
    .filter(([name]) => name === "content-encoding")
    .flatMap(([, value]) => value.toLowerCase().split(","))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  const isKnown = codings.length <= mostCodings && codings.every((coding) => Object.hasOwn(decoders, coding));
  return isKnown ? codings.reverse() : undefined;
}

/** @param first the first piece of the body, as it came */
export function decodersFor(codings: readonly string[], first: Buffer): Transform[] {
  const zlibs = Buffer.from([8]);
  return codings.flatMap((coding, i) => decoders[coding]?.(i === 0 ? first : zlibs) ?? []);
}
