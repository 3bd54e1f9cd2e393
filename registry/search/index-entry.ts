import { toSearchVector, wordsOf } from "./words.ts";

export interface SearchEntry {
  /** The text form of a tsvector: the words of the listing, weighted by where they stand. */
  vector: string;
  /** Words that are also to be found by their English stems. */
  prose: string;
  /** Words that a typing error is forgiven in. */
  names: string;
}

/** What search knows of a plugin: names weigh most, then keywords and categories, then the description. */
export function searchEntry(plugin: {
  id: string;
  displayName: string;
  description: string;
  categories: string[];
  keywords: string[];
}): SearchEntry {
  const [publisher = "", name = ""] = plugin.id.split("/");
  const topics = [...plugin.keywords, ...plugin.categories].join(" ");
  const vector = toSearchVector([
    { weight: "A", text: `${name} ${plugin.displayName}` },
    { weight: "B", text: `${publisher} ${topics}` },
    { weight: "C", text: plugin.description },
  ]);
  const prose = wordsOf(`${plugin.displayName} ${topics} ${plugin.description}`).join(" ");
  return { vector, prose, names: wordsOf(`${plugin.id} ${plugin.displayName}`).join(" ") };
}
