/** A text read in another way than it is written. */
export interface View {
  bytes: Buffer;
  /** The places in the text that these places of the view came from. Both in ascending order; one may be the length. */
  origins(places: readonly number[]): number[];
}

/** Says that what begins at `before` in the text begins at `after` in the view; up to the next mark nothing is changed. */
export type Mark = (before: number, after: number) => void;

/**
 * @param read gives the view, and the same marks each time. It is called again for the origins: a reply may hold
 *   millions of escapes, and to remember all of them would take far more memory than the reply.
 */
export function viewOf(read: (mark: Mark) => Buffer | undefined): View | undefined {
  const bytes = read(() => {});
  return bytes && { bytes, origins: (places) => originsOf(places, read) };
}

/** A view of a view, as one of the text itself. */
export function within(outer: View, inner: View | undefined): View | undefined {
  return inner && { bytes: inner.bytes, origins: (places) => outer.origins(inner.origins(places)) };
}

function originsOf(places: readonly number[], read: (mark: Mark) => unknown): number[] {
  const origins: number[] = [];
  let last = { before: 0, after: 0 };
  const upTo = (end: number) => {
    for (
      let place = places[origins.length];
      place !== undefined && place < end;
      place = places[origins.length]
    )
      origins.push(last.before + (place - last.after));
  };
  read((before, after) => {
    if (origins.length === places.length) return;
    upTo(after);
    last = { before, after };
  });
  upTo(Number.POSITIVE_INFINITY);
  return origins;
}
