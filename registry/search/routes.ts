import {
  decodeCursor,
  encodeCursor,
  entityTag,
  pageQuery,
  type ReplyHeaders,
  type Route,
} from "@plugboard/service-kit/http";
import { type Static, Type } from "typebox";
import { route } from "../access.ts";
import { pluginName, publisherName } from "../names.ts";
import { cacheScope, onBehalf, type ViewerOf, viewingErrors } from "../viewing.ts";
import type { Viewer } from "../visibility.ts";
import { SearchCursor } from "./cursor.ts";
import type { ListingRow } from "./queries.ts";
import { Related, type SearchItem, SearchPage, searchFilters } from "./schemas.ts";
import type { SearchPage as Found, Search } from "./search.ts";

export function searchRoutes({ search, viewerOf }: { search: Search; viewerOf: ViewerOf }): Route[] {
  /** The same page is the same answer, with the same tag, however often it is asked for. */
  const answers = new WeakMap<Found, { body: Static<typeof SearchPage>; headers: ReplyHeaders }>();

  function toAnswer(viewer: Viewer, found: Found) {
    const known = answers.get(found);
    if (known) return known;
    const body = {
      items: found.listings.map(toItem),
      nextCursor: found.next ? encodeCursor(found.next) : null,
      total: found.total,
      ...(found.facets && { facets: found.facets }),
    };
    const answer = { body, headers: freshAnswer(viewer, body) };
    answers.set(found, answer);
    return answer;
  }

  return [
    route({
      method: "GET",
      path: "/registry/v1/-/search",
      operationId: "searchPlugins",
      summary: "Find published plugins",
      description:
        "Every word of `q` must occur: as it is, as the beginning of a word, or with another English ending. A word that " +
        "nothing has is taken for one that is spelled nearly like it. The exact id comes first, then the exact name, then " +
        "the rest by relevance. Where a filter takes several values, repeat it; any of them will do.",
      tags: ["catalog"],
      access: "public",
      query: Type.Object({
        q: Type.Optional(Type.String({ maxLength: 500, description: "Without it, all plugins." })),
        ...searchFilters,
        ...onBehalf,
        ...pageQuery,
      }),
      responses: {
        200: {
          description: "A page of plugins.",
          schema: SearchPage,
          headers: { ETag: "Of exactly this answer." },
        },
      },
      errors: viewingErrors,
      async handler({ query, ...request }) {
        const { q: text = "", sort, facets, limit, cursor, tenantId, ...filters } = query;
        const viewer = await viewerOf(request, tenantId);
        const found = await search.find({
          viewer,
          text,
          filters,
          sort,
          facets,
          limit,
          cursor: cursor === undefined ? undefined : decodeCursor(cursor, SearchCursor),
        });
        return { status: 200, ...toAnswer(viewer, found) };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name/related",
      operationId: "getRelatedPlugins",
      summary: "Plugins on the same matters, and what is installed besides",
      tags: ["catalog"],
      access: "public",
      params: Type.Object({ publisher: publisherName, name: pluginName }),
      query: Type.Object(onBehalf),
      responses: { 200: { description: "Two lists of plugins.", schema: Related } },
      errors: ["plugin-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        const found = await search.related(viewer, `${params.publisher}/${params.name}`);
        const body = {
          related: found.related.map(toItem),
          installedBeside: found.installedBeside.map(({ listing, tenants }) => ({
            ...toItem(listing),
            tenants,
          })),
        };
        return { status: 200, body, headers: freshAnswer(viewer, body) };
      },
    }),
  ];
}

/** A tag of what is shown, and nothing else: one of the catalog's state would tell of plugins that are not shown. */
function freshAnswer(viewer: Viewer, body: object) {
  return { "Cache-Control": `${cacheScope(viewer)}, no-cache`, ETag: entityTag(JSON.stringify(body)) };
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
    deprecated: row.deprecation,
    installs: row.installs_active,
    rating: {
      mean: row.rating_count === 0 ? null : row.rating_sum / row.rating_count,
      count: row.rating_count,
    },
    publishedAt: row.updated_at.toISOString(),
  };
}
