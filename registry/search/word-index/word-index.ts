import { formWeights, placeWeights } from "../ranking.ts";
import { createVocabulary, type Term } from "./vocabulary.ts";

/** The texts of a listing, by place: name, topics, description. */
export type PlacedWords = readonly [name: string[], topics: string[], description: string[]];

export interface WordMatch {
  /** The numbers of those that have every word. */
  listings: number[];
  /** What the words of one of them count, 0 to 1. */
  scoreOf(listing: number): number;
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
  /** One more than the highest number there is. */
  let size = 0;

  return {
    add(listing, words) {
      size = Math.max(size, listing + 1);
      // The best place of a word is the first that it is met in.
      const placed = new Set<string>();
      words.forEach((list, place) => {
        for (const word of list) {
          if (placed.has(word)) continue;
          placed.add(word);
          vocabulary.term(word).postings.push(posting(listing, place));
        }
      });
    },

    match(words, { visible, correct }) {
      let hits: Hits | undefined;
      let corrections = 0;
      for (const word of words) {
        const found = findWord(word, visible);
        if ((found.listings.length === 0 || correct) && corrections < mostCorrections) {
          const similar = vocabulary.resembling(word, (term) => isSomewhere(term, visible));
          if (similar.length > 0) corrections++;
          collect(similar, formWeights.misspelt, visible, found);
        }
        hits = hits ? sumOfBoth(hits, found) : found;
        if (hits.listings.length === 0) break;
      }
      const { listings, weights } = hits ?? noHits(0);
      return {
        listings,
        scoreOf: (listing) => (weights[listing] ?? 0) / words.length,
        corrected: corrections > 0,
      };
    },

    renumber(numbers) {
      for (const term of vocabulary.terms()) {
        term.postings = term.postings.flatMap((each) => {
          const listing = numbers[listingOf(each)];
          return listing === undefined ? [] : [posting(listing, placeOf(each))];
        });
      }
      vocabulary.prune();
      size = numbers.reduce<number>((count, number) => count + (number === undefined ? 0 : 1), 0);
    },
  };

  function findWord(word: string, visible: (listing: number) => boolean): Hits {
    const found = noHits(size);
    const exact = vocabulary.find(word);
    if (exact) collect([exact], formWeights.whole, visible, found);
    const last = word.length <= shortWord ? description - 1 : description;
    collect(vocabulary.startingWith(word), formWeights.beginning, visible, found, last);
    collect(vocabulary.relatedTo(word), formWeights.ending, visible, found);
    return found;
  }
}

/** A listing's number and the place of a word in it, in one number: they are many, and small ones take the least room. */
function posting(listing: number, place: number): number {
  return listing * 4 + place;
}
const listingOf = (each: number) => each >> 2;
const placeOf = (each: number) => each & 3;

/** Which listings were found, and the weight of each by its number: 0 for all others. Arrays, since a letter finds thousands. */
interface Hits {
  listings: number[];
  weights: Float64Array;
}

function noHits(size: number): Hits {
  return { listings: [], weights: new Float64Array(size) };
}

/** Adds where the terms stand to what was found, each listing with the best that it has. */
function collect(
  terms: Iterable<Term>,
  form: number,
  visible: (listing: number) => boolean,
  { listings, weights }: Hits,
  lastPlace = description,
): void {
  for (const { postings } of terms) {
    for (const each of postings) {
      const place = placeOf(each);
      if (place > lastPlace) continue;
      const listing = listingOf(each);
      const weight = form * (placeWeights[place] ?? 0);
      const known = weights[listing] ?? 0;
      if (known >= weight) continue;
      if (known === 0) {
        if (!visible(listing)) continue;
        listings.push(listing);
      }
      weights[listing] = weight;
    }
  }
}

function isSomewhere({ postings }: Term, visible: (listing: number) => boolean): boolean {
  return postings.some((each) => visible(listingOf(each)));
}

/** Those that are in both, with both weights. */
function sumOfBoth(a: Hits, b: Hits): Hits {
  const listings = b.listings.filter((listing) => (a.weights[listing] ?? 0) > 0);
  for (const listing of listings) b.weights[listing] = (b.weights[listing] ?? 0) + (a.weights[listing] ?? 0);
  return { listings, weights: b.weights };
}
