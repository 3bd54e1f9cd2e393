import { base64FormsOf, formsOf, isLatin1 } from "./scrub-forms.ts";

/** Takes a connection's secrets out of what a vendor answers. */
export interface Scrubber {
  /** Whether a secret, in whatever form, is in the text. */
  finds(text: string): boolean;
  text(text: string): string;
  /** The same bytes if there was nothing to take out. */
  bytes(bytes: Buffer): Buffer;
}

const replacement = Buffer.from("[redacted]");

interface Needle {
  bytes: Buffer;
  /** Letters on either side that belong to an encoded secret in part; they go too. */
  edges: 0 | 1;
}

interface Range {
  start: number;
  end: number;
}

/** @param secrets each at least as long as the inject step asks for, so that ordinary data is not hit */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const needles = secrets.flatMap((secret): Needle[] => [
    ...formsOf(secret).map((bytes) => ({ bytes, edges: 0 as const })),
    ...base64FormsOf(secret).map((bytes) => ({ bytes, edges: 1 as const })),
  ]);

  function scrub(bytes: Buffer): Buffer {
    const found = needles.flatMap((needle) => findAll(bytes, needle));
    return found.length === 0 ? bytes : cutOut(bytes, merge(found));
  }

  return {
    finds: (text) => needles.some(({ bytes }) => asBytes(text).bytes.includes(bytes)),
    text(text) {
      const { bytes, encoding } = asBytes(text);
      const clean = scrub(bytes);
      return clean === bytes ? text : clean.toString(encoding);
    },
    bytes: scrub,
  };
}

/** Node reads headers as Latin-1, whatever they were written in; this gives the bytes back. */
function asBytes(text: string): { bytes: Buffer; encoding: "latin1" | "utf8" } {
  const encoding = isLatin1(text) ? "latin1" : "utf8";
  return { bytes: Buffer.from(text, encoding), encoding };
}

/** A reply that is little else than the credential goes as a whole, so that nobody makes the host cut for seconds. */
const maxOccurrences = 1000;

function findAll(bytes: Buffer, needle: Needle): Range[] {
  const ranges: Range[] = [];
  const { length } = needle.bytes;
  for (let at = bytes.indexOf(needle.bytes); at !== -1; at = bytes.indexOf(needle.bytes, at + length)) {
    const before = needle.edges && isBase64(bytes[at - 1]) ? 1 : 0;
    const after = needle.edges && isBase64(bytes[at + length]) ? 1 : 0;
    ranges.push({ start: at - before, end: at + length + after });
    if (ranges.length === maxOccurrences) return [{ start: 0, end: bytes.length }];
  }
  return ranges;
}

/** A-Z, a-z, 0-9, and the two letters of either alphabet. */
function isBase64(code: number | undefined): boolean {
  return code !== undefined && /[A-Za-z0-9+/_-]/.test(String.fromCharCode(code));
}

function merge(ranges: Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.sort((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

function cutOut(bytes: Buffer, ranges: Range[]): Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  for (const { start, end } of ranges) {
    parts.push(bytes.subarray(kept, start), replacement);
    kept = end;
  }
  return Buffer.concat([...parts, bytes.subarray(kept)]);
}
