/** What is thought of a plugin, from the reviews that count. */
export interface Rating {
  count: number;
  /** Of the stars, to two decimals; null while there are no reviews. */
  average: number | null;
  /** The Bayesian mean that lists are ordered by; null while there are no reviews. */
  score: number | null;
  /** How many reviews gave 1, 2, 3, 4 and 5 stars. */
  histogram: number[];
}

/** What a plugin is taken for before anybody rated it (1 to 5), and how many reviews that opinion weighs. */
export interface Prior {
  priorMean: number;
  priorWeight: number;
}

/** How many reviews there are and what their stars add up to. */
export function totals(stars: number[]): { count: number; sum: number } {
  return {
    count: stars.reduce((total, reviews) => total + reviews, 0),
    sum: stars.reduce((total, reviews, index) => total + reviews * (index + 1), 0),
  };
}

/**
 * (w·m + sum) / (w + count), with the prior's mean m and weight w: one review of five stars does not stand above a
 * hundred of four and a half.
 *
 * @returns 0 while nobody rated it
 */
export function scoreOf(stars: number[], { priorMean, priorWeight }: Prior): number {
  const { count, sum } = totals(stars);
  return count === 0 ? 0 : (priorWeight * priorMean + sum) / (priorWeight + count);
}

export function toRating(stars: number[], prior: Prior): Rating {
  const { count, sum } = totals(stars);
  const hundredths = (value: number) => Math.round(value * 100) / 100;
  return {
    count,
    average: count === 0 ? null : hundredths(sum / count),
    score: count === 0 ? null : hundredths(scoreOf(stars, prior)),
    histogram: stars,
  };
}
