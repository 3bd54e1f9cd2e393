/**
 * How answers are ordered: the formula that docs/registry.md explains, term by term. A test holds the example there to
 * this file.
 */

/** What a word counts by where it stands: in the name, among keywords, categories and publisher, in the description. */
export const placeWeights = [1, 0.6, 0.3] as const;

/** What a word counts by how it fits: as it is, as the beginning of a longer one, with another English ending, nearly. */
export const formWeights = { whole: 1, beginning: 0.75, ending: 0.7, misspelt: 0.5 } as const;

const weights = { text: 0.7, quality: 0.25, verified: 0.05 };
const qualityWeights = { popularity: 0.6, rating: 0.4 };
/** Ten to this power of tenants is as popular as it gets. */
const popularityScale = 5;
/** What is assumed of a plugin that nobody rated yet: the middle. */
const unrated = 0.5;
const deprecatedFactor = 0.5;

/** Of an exact id, an exact name, and the rest. A better tier goes before any score. */
export const tiers = { exactId: 2, exactName: 1, words: 0 } as const;

/** @returns 0 to 1 */
export function qualityOf(plugin: { installs: number; ratingScore: number; ratingCount: number }): number {
  const popularity = Math.min(1, Math.log10(1 + plugin.installs) / popularityScale);
  const rating = plugin.ratingCount === 0 ? unrated : (plugin.ratingScore - 1) / 4;
  return qualityWeights.popularity * popularity + qualityWeights.rating * rating;
}

/**
 * @param text 0 to 1: the mean over the words of the query of what each counts; undefined without a query
 * @returns 0 to 1
 */
export function relevanceOf(
  plugin: { quality: number; verified: boolean; deprecated: boolean },
  text: number | undefined,
): number {
  const badge = plugin.verified ? weights.verified : 0;
  const score = weights.text * (text ?? 0) + weights.quality * plugin.quality + badge;
  return plugin.deprecated ? score * deprecatedFactor : score;
}
