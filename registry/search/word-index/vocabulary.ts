import { errorsBetween, forgivenErrors } from "./distance.ts";
import { stemOf } from "./stem.ts";

/** A word that some listing has. */
export interface Term {
  readonly word: string;
  /** A bit for each letter in it: what lacks too many of a typed word's letters is not compared with it. */
  readonly letters: number;
  /** Where it stands: see `posting`. */
  postings: number[];
}

/** The words of all listings: by themselves, by their beginning, by their English stem, and by likeness. */
export interface Vocabulary {
  /** Makes it if it is not there. */
  term(word: string): Term;
  find(word: string): Term | undefined;
  /** Longer words that begin so. */
  startingWith(beginning: string): Iterable<Term>;
  /** Other words with the same English stem. */
  relatedTo(word: string): Term[];
  /**
   * Words that are a typing error or two away from this one, the nearest only.
   *
   * @param counts whether a word is to be considered
   */
  resembling(word: string, counts: (term: Term) => boolean): Term[];
  terms(): Iterable<Term>;
  /** Forgets words that stand nowhere any more. */
  prune(): void;
}

export function createVocabulary(): Vocabulary {
  const byWord = new Map<string, Term>();
  let byStem = new Map<string, Term[]>();
  let sorted: Term[] = [];
  let added: Term[] = [];

  function inOrder(): Term[] {
    if (added.length > 0) {
      sorted = [...sorted, ...added].sort(byText);
      added = [];
    }
    return sorted;
  }

  function addToStem(term: Term): void {
    const stem = stemOf(term.word);
    const group = byStem.get(stem);
    if (group) group.push(term);
    else byStem.set(stem, [term]);
  }

  return {
    term(part) {
      const known = byWord.get(part);
      if (known) return known;
      // V8 keeps the whole text that it was cut out of, unless it is copied.
      const word = [...part].join("");
      const term = { word, letters: lettersOf(word), postings: [] };
      byWord.set(word, term);
      added.push(term);
      addToStem(term);
      return term;
    },
    find: (word) => byWord.get(word),
    *startingWith(beginning) {
      const terms = inOrder();
      for (let at = firstAtOrAfter(terms, beginning); at < terms.length; at++) {
        const term = terms[at];
        if (!term?.word.startsWith(beginning)) return;
        if (term.word !== beginning) yield term;
      }
    },
    relatedTo: (word) => (byStem.get(stemOf(word)) ?? []).filter((term) => term.word !== word),
    resembling(word, counts) {
      const most = forgivenErrors(word);
      const letters = lettersOf(word);
      let nearest = most;
      let found: Term[] = [];
      if (most === 0) return found;
      for (const term of inOrder()) {
        if (bitCount(letters & ~term.letters) > nearest || term.word.length < word.length - nearest) continue;
        const errors = errorsBetween(word, term.word, nearest);
        if (errors === 0 || errors > nearest || !counts(term)) continue;
        if (errors < nearest) found = [];
        nearest = errors;
        found.push(term);
      }
      return found;
    },
    terms: () => byWord.values(),
    prune() {
      for (const { word, postings } of byWord.values()) if (postings.length === 0) byWord.delete(word);
      sorted = [];
      added = [...byWord.values()];
      byStem = new Map();
      for (const term of added) addToStem(term);
    },
  };
}

function byText(a: Term, b: Term): number {
  return a.word < b.word ? -1 : 1;
}

function firstAtOrAfter(terms: Term[], word: string): number {
  let low = 0;
  let high = terms.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((terms[middle]?.word ?? "") < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lettersOf(word: string): number {
  let bits = 0;
  for (let at = 0; at < word.length; at++) bits |= 1 << (word.charCodeAt(at) & 31);
  return bits;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
