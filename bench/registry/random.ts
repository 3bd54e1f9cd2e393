/** Numbers that look random and are the same in every run: a linear congruential generator (Numerical Recipes). */
export function createRandom(seed: number) {
  let state = seed;
  function next(): number {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  }
  return {
    next,
    below: (bound: number) => Math.floor(next() * bound),
    any<T>(values: readonly T[]): T {
      return values[Math.floor(next() * values.length)] as T;
    },
    /** The first ones far more often than the last, as names and categories are used. */
    favoured<T>(values: readonly T[]): T {
      return values[Math.floor(next() * next() * values.length)] as T;
    },
  };
}

export type Random = ReturnType<typeof createRandom>;
