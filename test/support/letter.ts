import fc from "fast-check";

/**
 * Any letter there is, for `fc.string({ unit: letter })`: as `unit: "binary"` has it, but without a table of all of them,
 * which takes a second to make. A third is of ASCII, where letters have meanings of their own.
 */
export const letter = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((point) => String.fromCodePoint(point));
