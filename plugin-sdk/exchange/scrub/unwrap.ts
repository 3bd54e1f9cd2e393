import { isBase64Letter } from "./base64-letter.ts";
import { type Mark, type View, viewOf } from "./view.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const equalsSign = 0x3d;

/**
 * Joins the lines that an encoder broke a text into: base64 comes in lines of 64 (PEM) or 76 letters (RFC 2045), and
 * quoted-printable ends a line that goes on with `=`.
 * @returns undefined if there is nothing to join
 */
export function unwrapLines(bytes: Buffer): Buffer | undefined {
  return join(bytes, () => {});
}

/** The same, for when the places matter. */
export function viewUnwrapped(bytes: Buffer): View | undefined {
  return viewOf((mark) => join(bytes, mark));
}

function join(bytes: Buffer, mark: Mark): Buffer | undefined {
  let out: Buffer | undefined;
  let length = 0;
  let kept = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    const end = endOfLine(bytes, at);
    const next = endOfSpace(bytes, at);
    // Most lines of most texts end in punctuation.
    if (!isBase64Letter(bytes[end - 1]) || next === bytes.length) continue;
    out ??= Buffer.allocUnsafe(bytes.length);
    length += bytes.copy(out, length, kept, Math.max(kept, end));
    kept = next;
    mark(kept, length);
    at = next - 1;
  }
  if (!out) return undefined;
  length += bytes.copy(out, length, kept);
  return out.subarray(0, length);
}

/** Where the text of the line that this line feed ends has its end. */
function endOfLine(bytes: Buffer, lineFeedAt: number): number {
  const end = bytes[lineFeedAt - 1] === carriageReturn ? lineFeedAt - 1 : lineFeedAt;
  return bytes[end - 1] === equalsSign ? end - 1 : end;
}

function endOfSpace(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0xff) <= 0x20) at++;
  return at;
}
