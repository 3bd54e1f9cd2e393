/** What is under way, in no order. One may leave while all are looked through. */
export interface UnderWay<T> extends Iterable<T> {
  readonly size: number;
  /** @returns what takes it out again; said twice, it does nothing the second time */
  enter(value: T): () => void;
}

interface Place<T> {
  value: T;
  index: number;
}

/**
 * For what comes and goes with each request. A Set would do, but for what one costs where thousands come and go in a second: V8
 * makes its table anew again and again, in old memory once the set is old, and what was in an outgrown table stays until the
 * next full collection, with all that it refers to. Here each has a place in an array, which the last one takes when it goes.
 */
export function createUnderWay<T>(): UnderWay<T> {
  const places: Place<T>[] = [];

  function leave(own: Place<T>): void {
    if (places[own.index] !== own) return;
    const last = places.pop();
    if (!last || last === own) return;
    places[own.index] = last;
    last.index = own.index;
  }

  return {
    get size() {
      return places.length;
    },
    enter(value) {
      const own = { value, index: places.length };
      places.push(own);
      return () => leave(own);
    },
    [Symbol.iterator]: () => places.map(({ value }) => value).values(),
  };
}
