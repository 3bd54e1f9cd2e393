import { isBase64Letter } from "./base64-letter.ts";
import { base64FormsOf, formsOf, isLatin1, unique } from "./forms.ts";
import { createSearch, type Needle } from "./search.ts";
import { unescapeBytes, viewUnescaped } from "./unescape.ts";
import { unwrapLines, viewUnwrapped } from "./unwrap.ts";
import { type View, within } from "./view.ts";

/** Takes a connection's secrets out of what a vendor answers. */
export interface Scrubber {
  readonly secrets: readonly string[];
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

interface SecretForm extends Needle {
  /** Letters next to it belong to an encoded secret in part; they go too. */
  isBase64: boolean;
}

interface Range {
  start: number;
  end: number;
}

/** @param secrets each at least as long as the inject step asks for, so that ordinary data is not hit */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const needles = secrets.flatMap((secret): SecretForm[] => [
    ...withUnescaped(formsOf(secret)).map((bytes) => ({ bytes, isBase64: false })),
    ...base64FormsOf(secret).map((bytes) => ({ bytes, isBase64: true })),
  ]);
  const search = createSearch(needles);

  /** Cheap: nearly every reply is looked through, and hardly one has anything in it. */
  function contains(bytes: Buffer): boolean {
    let view: Buffer | undefined = bytes;
    for (let layer = 0; view && layer <= maxLayers; layer++) {
      const text: Buffer = view;
      if (isIn(text)) return true;
      const joined = unwrapLines(text);
      if (joined && isIn(joined)) return true;
      view = unescapeBytes(text);
    }
    return false;
  }

  function isIn(text: Buffer): boolean {
    let isFound = false;
    search(text, () => {
      isFound = true;
      return false;
    });
    return isFound;
  }

  function find(bytes: Buffer): Range[] {
    const found: Range[] = [];
    const collect = (view: View | undefined) => {
      if (view) found.push(...inText(findAll(view.bytes), view));
    };
    let view: View | undefined = { bytes, origins: (places) => [...places] };
    for (let layer = 0; view && layer <= maxLayers; layer++) {
      const outer: View = view;
      collect(outer);
      collect(within(outer, viewUnwrapped(outer.bytes)));
      view = within(outer, viewUnescaped(outer.bytes));
    }
    return found;
  }

  function findAll(text: Buffer): Range[] {
    const ranges: Range[] = [];
    search(text, ({ bytes, isBase64 }, start) => {
      const range = { start, end: start + bytes.length };
      ranges.push(isBase64 ? withEdges(text, range) : range);
      return ranges.length < maxOccurrences;
    });
    return ranges.length < maxOccurrences ? ranges : [{ start: 0, end: text.length }];
  }

  function scrub(bytes: Buffer): Buffer {
    return contains(bytes) ? cutOut(bytes, merge(find(bytes))) : bytes;
  }

  return {
    secrets,
    finds: (text) => contains(asBytes(text).bytes),
    text(text) {
      const { bytes, encoding } = asBytes(text);
      const clean = scrub(bytes);
      return clean === bytes ? text : clean.toString(encoding);
    },
    bytes: scrub,
  };
}

/** Where in the text itself stands what was found in a view of it. */
function inText(ranges: Range[], { origins }: View): Range[] {
  const starts = ranges.map(({ start }) => start).sort((one, other) => one - other);
  const ends = ranges.map(({ end }) => end).sort((one, other) => one - other);
  const endsInText = origins(ends);
  // Ordered each by themselves they still cover the same text.
  return origins(starts).map((start, i) => ({ start, end: endsInText[i] ?? start }));
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

function withEdges(bytes: Buffer, { start, end }: Range): Range {
  const before = isBase64Letter(bytes[start - 1]) ? 1 : 0;
  const after = isBase64Letter(bytes[end]) ? 1 : 0;
  const padding = /^={0,2}/.exec(bytes.toString("latin1", end + after, end + after + 2))?.[0].length ?? 0;
  return { start: start - before, end: end + after + padding };
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
