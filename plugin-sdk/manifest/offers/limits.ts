/** What goes between host and plugin about records and triggers, in characters and items. */
export const offerLimits = {
  /** Of a record, as text. */
  keyLength: 512,
  /** Of a page's `nextCursor`. */
  cursorLength: 2_048,
  /** Of a trigger's or a change feed's cursor, which the host keeps. */
  keptCursorLength: 8_192,
  /** Records of one page, or changes of one answer. */
  pageItems: 1_000,
  /** Writes of one batch. */
  batchWrites: 1_000,
  /** Items of one poll, and events of one delivery. */
  pollItems: 1_000,
  /** Of what a trigger on a stream goes on with, as JSON. */
  stateLength: 8_192,
  /** Messages that one answer sends over a stream. */
  streamMessages: 1_000,
} as const;
