import { maySee, type Viewer } from "../../visibility.ts";
import type { IndexedEntry } from "./entry.ts";
import { createFirst, type Place } from "./order.ts";

/** What a shared keyword, a shared category, and all of a plugin's quality count. */
const weights = { keyword: 2, category: 1, quality: 1 };
const million = 1_000_000;

/** The plugins that are most like one: by shared keywords and categories, then by quality. */
export function relatedTo(
  one: IndexedEntry,
  all: Iterable<IndexedEntry | undefined>,
  options: { viewer: Viewer; limit: number },
): Place[] {
  const keywords = new Set(one.keywords);
  const categories = new Set(one.categories);
  const top = createFirst(options.limit);
  for (const entry of all) {
    if (!entry || entry === one || entry.deprecated || !maySee(options.viewer, entry.tenantId)) continue;
    const shared =
      weights.keyword * countIn(keywords, entry.keywords) +
      weights.category * countIn(categories, entry.categories);
    if (shared === 0) continue;
    const rank = Math.round((shared + weights.quality * entry.quality) * million);
    top.show({ rank, plugin: entry.plugin });
  }
  return top.first;
}

function countIn(set: Set<string>, values: string[]): number {
  let count = 0;
  for (const value of values) if (set.has(value)) count++;
  return count;
}
