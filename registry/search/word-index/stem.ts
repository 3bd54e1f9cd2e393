const shortestStem = 3;

/**
 * An English word without the ending of its plural, `-ed` or `-ing`, so that `invoices`, `invoiced` and `invoicing` meet
 * `invoice`: the first step of M. F. Porter's "An algorithm for suffix stripping" (1980). The others reach further, to words
 * of another meaning (`universal`, `university`), where the beginning of a word already finds what is near.
 */
export function stemOf(word: string): string {
  if (!/^[a-z]{4,}$/.test(word)) return word;
  const singular = withoutPlural(word);
  const ended = /^(.*[aeiouy].*?)(?:ed|ing)$/.exec(singular)?.[1];
  const stem =
    ended !== undefined && ended.length >= shortestStem ? ended.replace(/([^aeiouylsz])\1$/, "$1") : singular;
  return stem.length > shortestStem ? stem.replace(/e$/, "").replace(/y$/, "i") : stem;
}

function withoutPlural(word: string): string {
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:s|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}
