import { type Mark, type View, viewOf } from "./view.ts";

/** What was read last; one object, because a reply may hold millions of escapes. */
interface Escape {
  /** A byte, or a code point to be written in UTF-8. */
  code: number;
  isByte: boolean;
  length: number;
}

const percent = 0x25;
const ampersand = 0x26;
const backslash = 0x5c;

const semicolon = 0x3b;
const numberSign = 0x23;

const percentCode = { skip: 1, digits: 2, isByte: true };
const hexOfTwo = { skip: 2, digits: 2, isByte: false };
const hexOfFour = { skip: 2, digits: 4, isByte: false };

/** What the letter after a backslash stands for. */
const letterEscapes = new Uint8Array(128);
for (const [letter, meant] of Object.entries({
  "'": "'",
  '"': '"',
  "/": "/",
  "\\": "\\",
  n: "\n",
  r: "\r",
  t: "\t",
}))
  letterEscapes[letter.charCodeAt(0)] = meant.charCodeAt(0);

/** All that a key may hold and HTML has a name for (https://html.spec.whatwg.org/#named-character-references). */
const namesOfLetters: Record<string, string> = {
  "&": "amp",
  "'": "apos",
  ">": "gt",
  "<": "lt",
  '"': "quot",
  "+": "plus",
  "/": "sol",
  "=": "equals",
  _: "lowbar",
  ".": "period",
  ":": "colon",
  "#": "num",
  "!": "excl",
  $: "dollar",
  "%": "percnt",
  "(": "lpar",
  ")": "rpar",
  "*": "ast",
  ",": "comma",
  ";": "semi",
  "?": "quest",
  "@": "commat",
  "\\": "bsol",
  "^": "Hat",
  "`": "grave",
  "|": "vert",
};

/** By the letter after the `&`. */
const entities = Map.groupBy(
  Object.entries(namesOfLetters).map(([letter, name]) => ({
    text: [...Buffer.from(`&${name};`)],
    code: letter.charCodeAt(0),
  })),
  ({ text }) => text[1],
);
const maxEntityDigits = 7; // &#1114111;

/**
 * Undoes, in one pass, the escapes of URLs (%2f), JSON and JavaScript (\u002f, \/, \x2f) and HTML (&#47;, &sol;),
 * whatever the text is meant to be. Every encoder escapes other letters than the next; undone, all look the same.
 * @returns undefined if there is nothing to undo
 */
export function unescapeBytes(bytes: Buffer): Buffer | undefined {
  return undo(bytes, () => {});
}

/** The same, for when the places matter. */
export function viewUnescaped(bytes: Buffer): View | undefined {
  return viewOf((mark) => undo(bytes, mark));
}

/** @param mark gets the beginning and the end of every escape: where it stands, and where its letter stands */
function undo(bytes: Buffer, mark: Mark): Buffer | undefined {
  const out = Buffer.allocUnsafe(bytes.length);
  const found: Escape = { code: 0, isByte: false, length: 0 };
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    if ((byte === percent || byte === backslash || byte === ampersand) && readEscape(bytes, at, found)) {
      mark(at, length);
      if (found.isByte || found.code < 0x80) out[length++] = found.code;
      // No escape is shorter than its code point in UTF-8, so there is always room.
      else length += out.write(String.fromCodePoint(found.code), length);
      at += found.length;
      mark(at, length);
    } else {
      out[length++] = byte;
      at++;
    }
  }
  return length === bytes.length ? undefined : out.subarray(0, length);
}

function readEscape(bytes: Buffer, at: number, found: Escape): boolean {
  if (bytes[at] === percent && bytes[at + 1] !== 0x75) return readHex(bytes, at, percentCode, found);
  if (bytes[at] === ampersand) return readEntity(bytes, at, found);
  const letter = bytes[at + 1];
  if (letter === 0x75) return readUnicode(bytes, at, found);
  if (letter === 0x78) return readHex(bytes, at, hexOfTwo, found);
  const meant = letterEscapes[letter ?? 0] ?? 0;
  if (meant === 0) return false;
  found.code = meant;
  found.isByte = true;
  found.length = 2;
  return true;
}

/** `\u002f` (`%u002f` in JavaScript's `escape` and IIS), or two of them for a letter beyond the first 65,536. */
function readUnicode(bytes: Buffer, at: number, found: Escape): boolean {
  if (!readHex(bytes, at, hexOfFour, found)) return false;
  const high = found.code;
  if (high < 0xd800 || high > 0xdbff || bytes[at + 6] !== bytes[at] || bytes[at + 7] !== 0x75) return true;
  if (readHex(bytes, at + 6, hexOfFour, found) && found.code >= 0xdc00 && found.code <= 0xdfff) {
    found.code += 0x10000 + (high - 0xd800) * 0x400 - 0xdc00;
    found.length = 12;
    return true;
  }
  return readHex(bytes, at, hexOfFour, found);
}

function readHex(
  bytes: Buffer,
  at: number,
  form: { skip: number; digits: number; isByte: boolean },
  found: Escape,
): boolean {
  let code = 0;
  for (let i = 0; i < form.digits; i++) {
    const digit = hexDigit(bytes[at + form.skip + i] ?? 0);
    if (digit === -1) return false;
    code = code * 16 + digit;
  }
  found.code = code;
  found.isByte = form.isByte;
  found.length = form.skip + form.digits;
  return true;
}

function readEntity(bytes: Buffer, at: number, found: Escape): boolean {
  if (bytes[at + 1] === numberSign) return readNumericEntity(bytes, at, found);
  const entity = entities
    .get(bytes[at + 1] ?? 0)
    ?.find(({ text }) => text.every((byte, i) => bytes[at + i] === byte));
  if (!entity) return false;
  found.code = entity.code;
  found.isByte = false;
  found.length = entity.text.length;
  return true;
}

/** `&#47;` or `&#x2f;` */
function readNumericEntity(bytes: Buffer, at: number, found: Escape): boolean {
  const isHex = ((bytes[at + 2] ?? 0) | 0x20) === 0x78;
  const base = isHex ? 16 : 10;
  const first = at + (isHex ? 3 : 2);
  let code = 0;
  let end = first;
  for (; end - first < maxEntityDigits && bytes[end] !== semicolon; end++) {
    const digit = hexDigit(bytes[end] ?? 0);
    if (digit === -1 || digit >= base) return false;
    code = code * base + digit;
  }
  if (end === first || bytes[end] !== semicolon || code > 0x10ffff) return false;
  found.code = code;
  found.isByte = false;
  found.length = end + 1 - at;
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
