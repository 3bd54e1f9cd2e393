import { Type } from "typebox";

const plugin = Type.String({ pattern: "^[a-z0-9-]{1,64}/[a-z0-9-]{1,64}$" });
const rank = {
  tier: Type.Integer({ minimum: 0, maximum: 9 }),
  score: Type.Integer({ minimum: 0, maximum: 2_000_000_000 }),
  plugin,
};

/** Where a page of answers goes on; which of the three it is depends on how the first page was found. */
export const SearchCursor = Type.Union([
  Type.Object({
    by: Type.Literal("age"),
    at: Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 }),
    plugin,
  }),
  Type.Object({ by: Type.Literal("words"), ...rank }),
  Type.Object({ by: Type.Literal("likeness"), ...rank }),
]);
export type SearchCursor = Type.Static<typeof SearchCursor>;
