import { Type } from "typebox";
import { sorts } from "./listing-index/index.ts";

/** Where a page of answers goes on. */
export const SearchCursor = Type.Object({
  sort: Type.Enum([...sorts]),
  rank: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  plugin: Type.String({ pattern: "^[a-z0-9-]{1,64}/[a-z0-9-]{1,64}$" }),
  /** Whether similar words were looked for: so they are on the next page. */
  corrected: Type.Boolean(),
});
export type SearchCursor = Type.Static<typeof SearchCursor>;
