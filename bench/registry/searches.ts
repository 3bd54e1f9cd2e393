import { createRandom, type Random } from "./random.ts";
import { brands, categories, nouns } from "./words.ts";

/** One kind of search, and how many in a hundred are of it. */
interface Kind {
  name: string;
  share: number;
  query(random: Random): Record<string, string>;
}

const kinds: Kind[] = [
  { name: "as it is typed", share: 30, query: (r) => ({ q: typed(r) }) },
  { name: "one word", share: 20, query: (r) => ({ q: r.any([...brands, ...nouns]), facets: "true" }) },
  {
    name: "several words",
    share: 15,
    query: (r) => ({ q: `${r.any(brands)} ${r.any(nouns)}`, facets: "true" }),
  },
  { name: "misspelt", share: 10, query: (r) => ({ q: misspelt(r), facets: "true" }) },
  {
    name: "browsing by filters",
    share: 15,
    query: (r) => ({
      category: r.any(categories),
      ...(r.next() < 0.5 && { pricing: "free" }),
      sort: r.any(["relevance", "rating", "installs", "updated"]),
      facets: "true",
    }),
  },
  {
    name: "words and filters",
    share: 10,
    query: (r) => ({ q: r.any(nouns), category: r.any(categories), hostVersion: "1.5.0", facets: "true" }),
  },
];

/** A realistic mix of searches, the same in every run, each with the name of its kind. */
export function searches(count: number): { kind: string; query: Record<string, string> }[] {
  const random = createRandom(4711);
  return Array.from({ length: count }, () => {
    let at = random.below(100);
    const kind = kinds.find(({ share }) => {
      at -= share;
      return at < 0;
    });
    if (!kind) throw new Error("the shares of the kinds do not add up to a hundred");
    return { kind: kind.name, query: { ...kind.query(random), limit: "20" } };
  });
}

function typed(random: Random): string {
  const word = random.any([...brands, ...nouns]);
  return word.slice(0, 1 + random.below(word.length));
}

/** Two neighbours of a longer word swapped. */
function misspelt(random: Random): string {
  const word = random.any([...brands, ...nouns].filter(({ length }) => length > 5));
  const at = 1 + random.below(word.length - 2);
  return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
}
