import { relevanceOf, tiers } from "../ranking.ts";
import type { IndexedEntry } from "./entry.ts";

export const sorts = ["relevance", "rating", "installs", "updated"] as const;
export type Sort = (typeof sorts)[number];

/** Where a listing stands in an order: the higher rank first, of equal ones by id. */
export interface Place {
  /** A whole number, so that a cursor holds it exactly. */
  rank: number;
  plugin: string;
}

/** What a query asks for by name. */
export interface AskedFor {
  /** What an exact `publisher/name` would be; empty if it is none. */
  id: string;
  /** What an exact name without its publisher would be. */
  name: string;
}

const million = 1_000_000;
/** Above any score. */
const tierStep = 10 * million;

/** @param text what the words count, 0 to 1; undefined without words */
export function rankOf(
  entry: IndexedEntry,
  sort: Sort,
  asked: AskedFor | undefined,
  text: number | undefined,
): number {
  switch (sort) {
    case "rating":
      return Math.round(entry.ratingScore * million);
    case "installs":
      return entry.installs;
    case "updated":
      return entry.updatedAt;
    case "relevance":
      return tierOf(entry, asked) * tierStep + Math.round(relevanceOf(entry, text) * million);
  }
}

function tierOf({ plugin, name }: IndexedEntry, asked: AskedFor | undefined): number {
  if (plugin === asked?.id) return tiers.exactId;
  return name === asked?.name ? tiers.exactName : tiers.words;
}

/** Whether `a` comes before `b`. */
export function goesBefore(a: Place, b: Place): boolean {
  return a.rank > b.rank || (a.rank === b.rank && a.plugin < b.plugin);
}

/** Keeps the first `limit` of the places that it is shown, in order. */
export function createFirst(limit: number) {
  const first: Place[] = [];
  return {
    first,
    /** What is below is not kept. */
    leastRank: () => (first.length === limit ? (first[limit - 1]?.rank ?? 0) : Number.NEGATIVE_INFINITY),
    show(place: Place): void {
      const last = first.at(-1);
      if (first.length === limit && last && !goesBefore(place, last)) return;
      let at = first.length;
      for (let before = first[at - 1]; before && goesBefore(place, before); before = first[at - 1]) at--;
      first.splice(at, 0, place);
      if (first.length > limit) first.pop();
    },
  };
}
