/** What is under way, each under a number of its own. Numbers count up from 1, and none is given twice. */
export interface ReadonlyNumbered<T> extends Iterable<[number, T]> {
  readonly size: number;
  get(number: number): T | undefined;
  has(number: number): boolean;
  values(): Iterable<T>;
}

export interface Numbered<T> extends ReadonlyNumbered<T> {
  /** Gives the value its number. */
  add(value: T): number;
  delete(number: number): void;
  clear(): void;
}

const FEWEST_PLACES = 64;

/**
 * A Map would do, but for what one costs where thousands come and go in a second. V8 then makes its table anew again and
 * again, and what was in an old one stays in memory, with all that it refers to, until the next full collection: half of what
 * the host's main thread had to collect were calls that had long ended. Here each has a place in an array, by its number, and
 * leaves it empty.
 */
export function createNumbered<T extends object>(): Numbered<T> {
  let numbers: number[] = new Array(FEWEST_PLACES).fill(0);
  let values: (T | undefined)[] = new Array(FEWEST_PLACES).fill(undefined);
  let last = 0;
  let size = 0;

  const placeOf = (number: number): number => number % values.length;

  const get = (number: number): T | undefined =>
    numbers[placeOf(number)] === number ? values[placeOf(number)] : undefined;

  const put = (number: number, value: T) => {
    numbers[placeOf(number)] = number;
    values[placeOf(number)] = value;
  };

  /** Those that had places of their own have them among twice as many too. */
  const makeRoom = () => {
    const before = [...entries()];
    numbers = new Array(values.length * 2).fill(0);
    values = new Array(values.length * 2).fill(undefined);
    for (const [number, value] of before) put(number, value);
  };

  function* entries(): Generator<[number, T]> {
    // Others take their place where something is added meanwhile; these belong together.
    const their = numbers;
    for (const [place, value] of values.entries()) if (value !== undefined) yield [their[place] ?? 0, value];
  }

  return {
    get size() {
      return size;
    },
    get,
    has: (number) => get(number) !== undefined,
    *values() {
      for (const [, value] of entries()) yield value;
    },
    [Symbol.iterator]: entries,
    add(value) {
      if (size * 2 >= values.length) makeRoom();
      // The place of one that has been there for a whole round is passed over.
      do last += 1;
      while (values[placeOf(last)] !== undefined);
      put(last, value);
      size += 1;
      return last;
    },
    delete(number) {
      if (get(number) === undefined) return;
      values[placeOf(number)] = undefined;
      size -= 1;
    },
    clear() {
      values.fill(undefined);
      size = 0;
    },
  };
}
