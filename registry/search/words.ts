const longestWord = 64;

/**
 * Text as search sees it: letters and digits, lower case, without accents. Listings and queries go through this one
 * function.
 */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, longestWord).join(""));
}
