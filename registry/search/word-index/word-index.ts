import { formWeights, placeWeights } from "../ranking.ts";
import { createVocabulary, type Term } from "./vocabulary.ts";

/** The texts of a listing, by place: name, topics, description. */
export type PlacedWords = readonly [name: string[], topics: string[], description: string[]];

export interface WordMatch {
  /** What each listing's words count, 0 to 1, by the listing's number. */
  scores: Map<number, number>;
  /** Whether a word was taken for another one, which is spelled nearly like it. */
  corrected: boolean;
}

/** Which listings, by number, have which words. Knows nothing else of them. */
export interface WordIndex {
  add(listing: number, words: PlacedWords): void;
  /**
   * The listings that have every word: as it is, as a beginning, with another ending, or, where nothing visible has it,
   * nearly so.
   *
   * @param options.visible whether the listing with this number is there and may be seen
   * @param options.correct look for similar words also where the word itself is found, as the page before did
   */
  match(words: string[], options: { visible: (listing: number) => boolean; correct: boolean }): WordMatch;
  /** Gives the listings new numbers. @param numbers by the old number; undefined: it is gone */
  renumber(numbers: (number | undefined)[]): void;
}

/** A word of one or two letters begins so many others that it is looked for where it counts most: not in descriptions. */
const shortWord = 2;
/** Similar words are looked for among all there are: for a few words of a query, not for ten. */
const mostCorrections = 3;
const description = 2;

export function createWordIndex(): WordIndex {
  const vocabulary = createVocabulary();

  return {
    add(listing, words) {
      const placed = new Map<string, number>();
      words.forEach((list, place) => {
        for (const word of list) placed.set(word, Math.min(place, placed.get(word) ?? place));
      });
      for (const [word, place] of placed) vocabulary.term(word).postings.push(posting(listing, place));
    },

    match(words, { visible, correct }) {
      let scores: Map<number, number> | undefined;
      let corrections = 0;
      for (const word of words) {
        let found = findWord(word, visible);
        if ((found.size === 0 || correct) && corrections < mostCorrections) {
          const similar = vocabulary.resembling(word, (term) => isSomewhere(term, visible));
          if (similar.length > 0) corrections++;
          found = collect(similar, formWeights.misspelt, visible, found);
        }
        scores = scores ? sumOfBoth(scores, found) : found;
        if (scores.size === 0) break;
      }
      for (const [listing, sum] of scores ?? []) scores?.set(listing, sum / words.length);
      return { scores: scores ?? new Map(), corrected: corrections > 0 };
    },

    renumber(numbers) {
      for (const term of vocabulary.terms()) {
        term.postings = term.postings.flatMap((each) => {
          const listing = numbers[listingOf(each)];
          return listing === undefined ? [] : [posting(listing, placeOf(each))];
        });
      }
      vocabulary.prune();
    },
  };

  function findWord(word: string, visible: (listing: number) => boolean): Map<number, number> {
    const exact = vocabulary.find(word);
    let found = collect(exact ? [exact] : [], formWeights.whole, visible);
    const longer = vocabulary.startingWith(word);
    const last = word.length <= shortWord ? description - 1 : description;
    found = collect(longer, formWeights.beginning, visible, found, last);
    return collect(vocabulary.relatedTo(word), formWeights.ending, visible, found);
  }
}

/** A listing's number and the place of a word in it, in one number: they are many, and small ones take the least room. */
function posting(listing: number, place: number): number {
  return listing * 4 + place;
}
const listingOf = (each: number) => each >> 2;
const placeOf = (each: number) => each & 3;

/** Adds where the terms stand to what was found, each listing with the best that it has. */
function collect(
  terms: Iterable<Term>,
  form: number,
  visible: (listing: number) => boolean,
  found = new Map<number, number>(),
  lastPlace = description,
): Map<number, number> {
  for (const { postings } of terms) {
    for (const each of postings) {
      const place = placeOf(each);
      if (place > lastPlace) continue;
      const listing = listingOf(each);
      const weight = form * (placeWeights[place] ?? 0);
      const known = found.get(listing);
      if (known === undefined ? visible(listing) : known < weight) found.set(listing, weight);
    }
  }
  return found;
}

function isSomewhere({ postings }: Term, visible: (listing: number) => boolean): boolean {
  return postings.some((each) => visible(listingOf(each)));
}

function sumOfBoth(a: Map<number, number>, b: Map<number, number>): Map<number, number> {
  const both = new Map<number, number>();
  for (const [listing, weight] of a) {
    const other = b.get(listing);
    if (other !== undefined) both.set(listing, weight + other);
  }
  return both;
}
