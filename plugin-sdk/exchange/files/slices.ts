import { ExchangeRefusal } from "../refusal.ts";
import type { FilesOfCall, HeldFile } from "./types.ts";

const MiB = 1024 * 1024;
export const defaultSliceBytes = MiB;
export const maxSliceBytes = 4 * MiB;
/** Enough for any character. */
export const minSliceBytes = 4;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/** A part of a file, and where the next one begins; null behind the last. */
export interface Slice<Content> {
  content: Content;
  next: number | null;
}

export async function readBytes(
  files: FilesOfCall,
  file: HeldFile,
  start: number,
  length: number,
): Promise<Slice<Uint8Array<ArrayBuffer>>> {
  const end = Math.min(file.size, start + length);
  const content = new Uint8Array(Math.max(0, end - start));
  let filled = 0;
  for await (const piece of files.read(file.id, { start, end })) {
    content.set(piece, filled);
    filled += piece.length;
  }
  return { content, next: end < file.size ? end : null };
}

/** Up to `length` bytes of UTF-8; a character that the end would cut in two is the first of the next part. */
export async function readText(
  files: FilesOfCall,
  file: HeldFile,
  start: number,
  length: number,
): Promise<Slice<string>> {
  const { content, next } = await readBytes(files, file, start, length);
  const whole = next === null ? content.length : content.length - cutCharacterBytes(content);
  return {
    content: Buffer.from(content.buffer, 0, whole).toString("utf8"),
    next: next === null ? null : start + whole,
  };
}

/**
 * Whole lines, at most so many and as many as one slice holds; of a line that is longer, a longer slice.
 * @param slice with `isQuoted` CSV: what ends a line outside of double quotes does not inside (RFC 4180)
 * @throws ExchangeRefusal `file-line-too-long`
 */
export async function readLines(
  files: FilesOfCall,
  file: HeldFile,
  { start, isQuoted, most }: { start: number; isQuoted: boolean; most: number },
): Promise<Slice<string[]>> {
  for (let length = defaultSliceBytes; ; length = maxSliceBytes) {
    const { content, next } = await readBytes(files, file, start, length);
    const bytes = Buffer.from(content.buffer, 0, content.length);
    const ends = endsOfLines(bytes, isQuoted, most);
    // What is left behind the last line feed of the file is a line too.
    if (next === null && ends.length < most && bytes.length > (ends.at(-1) ?? 0)) ends.push(bytes.length);
    const last = ends.at(-1) ?? 0;
    const isEnd = next === null && last === bytes.length;
    if (isEnd || last > 0) return { content: linesOf(bytes, ends, start), next: isEnd ? null : start + last };
    if (length === maxSliceBytes)
      throw new ExchangeRefusal(
        "file-line-too-long",
        `The line that begins at ${start} has more than ${maxSliceBytes} bytes; read it with files.read.`,
      );
  }
}

/** Behind the line feed of each of the first lines. */
function endsOfLines(bytes: Buffer, isQuoted: boolean, most: number): number[] {
  const ends: number[] = [];
  if (!isQuoted) {
    for (let at = bytes.indexOf(lineFeed); at !== -1 && ends.length < most; ) {
      ends.push(at + 1);
      at = bytes.indexOf(lineFeed, at + 1);
    }
    return ends;
  }
  let isInside = false;
  for (let at = 0; at < bytes.length && ends.length < most; at++) {
    if (bytes[at] === quote) isInside = !isInside;
    else if (bytes[at] === lineFeed && !isInside) ends.push(at + 1);
  }
  return ends;
}

function linesOf(bytes: Buffer, ends: number[], start: number): string[] {
  let from = start === 0 && bytes.subarray(0, 3).equals(byteOrderMark) ? byteOrderMark.length : 0;
  return ends.map((end) => {
    let to = end;
    if (bytes[to - 1] === lineFeed) to--;
    if (to > from && bytes[to - 1] === carriageReturn) to--;
    const line = bytes.toString("utf8", from, Math.max(from, to));
    from = end;
    return line;
  });
}

const byteOrderMark = Buffer.from("\ufeff");

/** How many bytes at the end are of a character whose rest is missing. */
function cutCharacterBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return wanted > back ? back : 0;
  }
  return 0;
}
