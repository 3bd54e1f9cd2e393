import { base64FormsOf, formsOf, isLatin1, unique } from "./scrub-forms.ts";
import { type Unescaped, unescapeBytes, unescapeWithOrigins } from "./unescape.ts";

/** Takes a connection's secrets out of what a vendor answers. */
export interface Scrubber {
  /** Whether a secret, in whatever form, is in the text. */
  finds(text: string): boolean;
  text(text: string): string;
  /** The same bytes if there was nothing to take out. */
  bytes(bytes: Buffer): Buffer;
}

const replacement = Buffer.from("[redacted]");

/** Escapes in escapes that are undone: a URL in a JSON text in a JSON document is three. */
const maxLayers = 3;

/** A reply that is little else than the credential goes as a whole, so that nobody makes the host cut for seconds. */
const maxOccurrences = 1000;

interface Needle {
  bytes: Buffer;
  /** Letters next to it belong to an encoded secret in part; they go too. */
  isBase64: boolean;
}

interface Range {
  start: number;
  end: number;
}

/** @param secrets each at least as long as the inject step asks for, so that ordinary data is not hit */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const needles = secrets.flatMap((secret): Needle[] => [
    ...withUnescaped(formsOf(secret)).map((bytes) => ({ bytes, isBase64: false })),
    ...base64FormsOf(secret).map((bytes) => ({ bytes, isBase64: true })),
  ]);

  /** Cheap: nearly every reply is looked through, and hardly one has anything in it. */
  function contains(bytes: Buffer): boolean {
    let view: Buffer | undefined = bytes;
    for (let layer = 0; view && layer <= maxLayers; layer++) {
      const text: Buffer = view;
      if (needles.some((needle) => text.includes(needle.bytes))) return true;
      view = unescapeBytes(text);
    }
    return false;
  }

  function find(bytes: Buffer): Range[] {
    const found: Range[] = [];
    let view: Unescaped | undefined = { bytes, origin: (at) => at };
    for (let layer = 0; view && layer <= maxLayers; layer++) {
      const { bytes: text, origin }: Unescaped = view;
      for (const range of needles.flatMap((needle) => findAll(text, needle))) {
        found.push({ start: origin(range.start), end: origin(range.end) });
      }
      const inner = unescapeWithOrigins(text);
      view = inner && { bytes: inner.bytes, origin: (at) => origin(inner.origin(at)) };
    }
    return found;
  }

  function scrub(bytes: Buffer): Buffer {
    return contains(bytes) ? cutOut(bytes, merge(find(bytes))) : bytes;
  }

  return {
    finds: (text) => contains(asBytes(text).bytes),
    text(text) {
      const { bytes, encoding } = asBytes(text);
      const clean = scrub(bytes);
      return clean === bytes ? text : clean.toString(encoding);
    },
    bytes: scrub,
  };
}

/** A secret that looks escaped itself (`a%41`) is undone with the text around it, and then looks like this. */
function withUnescaped(forms: Buffer[]): Buffer[] {
  return unique(forms.flatMap((form) => [form, unescapeBytes(form) ?? form]));
}

/** Node reads headers as Latin-1, whatever they were written in; this gives the bytes back. */
function asBytes(text: string): { bytes: Buffer; encoding: "latin1" | "utf8" } {
  const encoding = isLatin1(text) ? "latin1" : "utf8";
  return { bytes: Buffer.from(text, encoding), encoding };
}

function findAll(bytes: Buffer, needle: Needle): Range[] {
  const ranges: Range[] = [];
  const { length } = needle.bytes;
  for (let at = bytes.indexOf(needle.bytes); at !== -1; at = bytes.indexOf(needle.bytes, at + length)) {
    const range = { start: at, end: at + length };
    ranges.push(needle.isBase64 ? withEdges(bytes, range) : range);
    if (ranges.length === maxOccurrences) return [{ start: 0, end: bytes.length }];
  }
  return ranges;
}

function withEdges(bytes: Buffer, { start, end }: Range): Range {
  const before = isBase64Letter(bytes[start - 1]) ? 1 : 0;
  const after = isBase64Letter(bytes[end]) ? 1 : 0;
  const padding = /^={0,2}/.exec(bytes.toString("latin1", end + after, end + after + 2))?.[0].length ?? 0;
  return { start: start - before, end: end + after + padding };
}

/** Of either alphabet. */
function isBase64Letter(code: number | undefined): boolean {
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
