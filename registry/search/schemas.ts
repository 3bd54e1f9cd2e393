import { Type } from "typebox";
import { pluginId, publisherName, timestamp } from "../names.ts";

export const SearchItem = Type.Object({
  id: pluginId,
  version: Type.String({ description: "The latest." }),
  displayName: Type.String(),
  description: Type.String(),
  categories: Type.Array(Type.String()),
  keywords: Type.Array(Type.String()),
  publisher: publisherName,
  verified: Type.Boolean(),
  pricing: Type.String({ description: "`free`, `one-time`, `subscription` or `usage`." }),
  publishedAt: timestamp,
});
export type SearchItem = Type.Static<typeof SearchItem>;
