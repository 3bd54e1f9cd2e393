import { maySee, type Viewer } from "../../visibility.ts";
import type { IndexedEntry } from "./entry.ts";
import { createFirst, type Place } from "./order.ts";
import type { Values } from "./values.ts";

/** What a shared keyword, a shared category, and all of a plugin's quality count. */
const weights = { keyword: 2, category: 1, quality: 1 };
const million = 1_000_000;

/** The plugins that are most like one: by shared keywords and categories, then by quality. */
export function relatedTo(
  one: IndexedEntry,
  all: Iterable<IndexedEntry | undefined>,
  values: Values,
  options: { viewer: Viewer; limit: number },
): Place[] {
  const countsFor = weightsOf(one, values);
  const top = createFirst(options.limit);
  for (const entry of all) {
    if (!entry || entry === one || entry.deprecated || !maySee(options.viewer, entry.tenantId)) continue;
    let shared = 0;
    for (const number of entry.keywords) shared += countsFor[number] ?? 0;
    for (const number of entry.values) shared += countsFor[number] ?? 0;
    if (shared === 0) continue;
    const rank = Math.round((shared + weights.quality * entry.quality) * million);
    if (rank >= top.leastRank()) top.show({ rank, plugin: entry.plugin });
  }
  return top.first;
}

/** By the number of a value, what another plugin counts for having it too. */
function weightsOf(one: IndexedEntry, values: Values): Uint8Array {
  const found = new Uint8Array(values.size);
  for (const number of one.keywords) found[number] = weights.keyword;
  for (const number of one.values)
    if (values.at(number)?.kind === "category") found[number] = weights.category;
  return found;
}
