const longestWord = 64;

/**
 * Text as search sees it: letters and digits, lower case, without accents. Documents and queries go through
 * this one function, and nothing else of a query ever reaches PostgreSQL's own query syntax.
 */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase();
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, longestWord).join(""));
}

/** Importance of a word by the place it stands in, as PostgreSQL's `ts_rank` knows them. */
type Weight = "A" | "B" | "C" | "D";

/** As many positions as a `tsvector` can tell apart. */
const lastPosition = 16_383;

/** The text form of a `tsvector`: safe by construction, since words hold letters and digits only. */
export function toSearchVector(parts: { weight: Weight; text: string }[]): string {
  const lexemes: string[] = [];
  for (const { weight, text } of parts) {
    for (const word of wordsOf(text)) {
      if (lexemes.length === lastPosition) return lexemes.join(" ");
      lexemes.push(`'${word}':${lexemes.length + 1}${weight}`);
    }
  }
  return lexemes.join(" ");
}

/** The text form of a `tsquery` for what begins with the word. */
export function toPrefixQuery(word: string): string {
  return `'${word}':*`;
}
