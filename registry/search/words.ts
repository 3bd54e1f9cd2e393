const longestWord = 64;
const ascii = /^[\0-\x7f]*$/;

/**
 * Text as search sees it: letters and digits, lower case, without accents. Listings and queries go through this one
 * function.
 */
export function wordsOf(text: string): string[] {
  // Most texts are: they have no accents, and a tenth of the work does.
  if (ascii.test(text)) {
    return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((word) => word.slice(0, longestWord));
  }
  const folded = text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, longestWord).join(""));
}
