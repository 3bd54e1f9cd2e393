import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { SearchCursor } from "./cursor.ts";
import type { ListingRow } from "./queries.ts";
import { SearchItem } from "./schemas.ts";
import type { Search } from "./search.ts";

export function searchRoutes(search: Search): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/-/search",
      operationId: "searchPlugins",
      summary: "Find published plugins",
      description:
        "Every word of `q` must occur, each at least as the beginning of a word. The exact id comes first, then the exact " +
        "name, then the rest by relevance. Where nothing matches, plugins with a name like it are found.",
      tags: ["catalog"],
      access: "public",
      query: Type.Object({
        q: Type.Optional(
          Type.String({ maxLength: 500, description: "Without it, all plugins, newest first." }),
        ),
        ...pageQuery,
      }),
      responses: { 200: { description: "A page of plugins.", schema: page(SearchItem) } },
      errors: [],
      async handler({ query }) {
        const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, SearchCursor);
        const found = await search({ text: query.q ?? "", limit: query.limit, cursor });
        const nextCursor = found.next ? encodeCursor(found.next) : null;
        return { status: 200, body: { items: found.listings.map(toItem), nextCursor } };
      },
    }),
  ];
}

function toItem(row: ListingRow): SearchItem {
  return {
    id: row.plugin,
    version: row.latest_version,
    displayName: row.display_name,
    description: row.description,
    categories: row.categories,
    keywords: row.keywords,
    publisher: row.publisher,
    verified: row.verified,
    pricing: row.pricing,
    publishedAt: row.updated_at.toISOString(),
  };
}
