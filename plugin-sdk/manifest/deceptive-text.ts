/**
 * Characters that make a text look other than it is, on a page or in a terminal: controls (but line feeds),
 * bidirectional overrides and isolates, zero-width and tag characters (Unicode TR 36).
 */
const deceptive =
  /(?!\n)[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

/** Whether a text has characters in it that hide, or change what a reader sees. */
export function isDeceptive(text: string): boolean {
  return deceptive.test(text);
}
