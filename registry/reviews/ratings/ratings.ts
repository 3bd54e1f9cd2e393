import type { RegistryDatabase } from "../../tables.ts";
import * as queries from "./queries.ts";
import { type Prior, type Rating, scoreOf, toRating, totals } from "./rating.ts";

export interface Ratings {
  /** Holds the plugin's reviews as they are until the transaction ends: whoever changes one calls this first. */
  lock(transaction: RegistryDatabase, plugin: string): Promise<void>;
  /**
   * Counts one review otherwise than before, in the transaction that changes it.
   *
   * @param change.from the stars it counted with so far; null if it did not count
   */
  recount(
    transaction: RegistryDatabase,
    plugin: string,
    change: { from: number | null; to: number | null },
  ): Promise<void>;
  of(plugin: string): Promise<Rating>;
  /** Brings every score in line with the prior that is set now. */
  rescore(): Promise<void>;
}

const noStars = [0, 0, 0, 0, 0];

export function createRatings(options: { db: RegistryDatabase; prior: Prior; now: () => Date }): Ratings {
  const { db, prior, now } = options;
  return {
    async lock(transaction, plugin) {
      await queries.lockStars(transaction, plugin);
    },

    async recount(transaction, plugin, { from, to }) {
      if (from === to) return;
      const stars = await queries.lockStars(transaction, plugin);
      const changed = stars.map(
        (reviews, index) => reviews - Number(from === index + 1) + Number(to === index + 1),
      );
      await queries.setStars(transaction, plugin, changed);
      const score = scoreOf(changed, prior);
      await queries.setRating(transaction, plugin, { ...totals(changed), score, at: now() });
    },

    async of(plugin) {
      return toRating((await queries.findStars(db, plugin)) ?? noStars, prior);
    },

    rescore: () => queries.rescore(db, prior),
  };
}
