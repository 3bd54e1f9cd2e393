import { type TSchema, Type } from "typebox";
import { pluginId, publisherName, timestamp } from "../names.ts";
import { Deprecation } from "../transparency/index.ts";
import { facetNames, sorts } from "./listing-index/index.ts";

export const SearchItem = Type.Object({
  id: pluginId,
  version: Type.String({ description: "The latest." }),
  displayName: Type.String(),
  description: Type.String(),
  categories: Type.Array(Type.String()),
  keywords: Type.Array(Type.String()),
  publisher: publisherName,
  verified: Type.Boolean({ description: "Whoever runs the registry vouches for the publisher." }),
  pricing: Type.String({ description: "`free`, `one-time`, `subscription` or `usage`." }),
  deprecated: Type.Union([Deprecation, Type.Null()], {
    description: "Whether, and why, the publisher advises against the latest version.",
  }),
  installs: Type.Integer({ description: "Tenants that have it." }),
  rating: Type.Object({
    mean: Type.Union([Type.Number(), Type.Null()], { description: "1 to 5; null where nobody rated it." }),
    count: Type.Integer(),
  }),
  publishedAt: timestamp,
});
export type SearchItem = Type.Static<typeof SearchItem>;

const facet = Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }), {
  description: "The fifty most frequent values, most frequent first.",
});

export const Facets = Type.Object(Object.fromEntries(facetNames.map((name) => [name, facet])), {
  description:
    "How many answers have which value. For each facet its own filter is left aside: so many there would be with that value instead.",
});

export const SearchPage = Type.Object({
  items: Type.Array(SearchItem),
  nextCursor: Type.Union([Type.String(), Type.Null()], {
    description:
      "Send it as `cursor`, with the rest of the query unchanged, to get the next page; null on the last one.",
  }),
  total: Type.Integer({ description: "Answers on all pages." }),
  facets: Type.Optional(Facets),
});
export type SearchPage = Type.Static<typeof SearchPage>;

export const Related = Type.Object({
  related: Type.Array(SearchItem, { description: "On the same matters, most alike first." }),
  installedBeside: Type.Array(
    Type.Object({
      ...SearchItem.properties,
      tenants: Type.Integer({ description: "Tenants that have both, rounded down to a multiple of five." }),
    }),
    { description: "What five tenants or more have besides; worked out once an hour." },
  ),
});

const label = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}$" });

function anyOf<Item extends TSchema>(item: Item, description: string) {
  return Type.Optional(Type.Array(item, { minItems: 1, maxItems: 20, description }));
}

/** The query of a search beside its text and page; a core passes the same on. */
export const searchFilters = {
  category: anyOf(label, "In one of these categories."),
  pricing: anyOf(
    Type.Enum(["free", "one-time", "subscription", "usage"]),
    "With one of these pricing models.",
  ),
  verified: Type.Optional(
    Type.Boolean({ description: "Only of publishers that are, or are not, verified." }),
  ),
  permission: anyOf(label, "Asks for a permission of one of these kinds, such as `network` or `storage`."),
  networkHost: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
      description: "Asks to talk to this host or one below it: `example.com` finds `api.example.com`.",
    }),
  ),
  hostVersion: Type.Optional(
    Type.String({
      pattern: "^\\d{1,9}\\.\\d{1,9}\\.\\d{1,9}(-[0-9A-Za-z.-]{1,64})?$",
      description: "Runs on this version of the host.",
    }),
  ),
  deprecated: Type.Boolean({
    default: false,
    description: "Also plugins that their publishers advise against.",
  }),
  sort: Type.Enum([...sorts], {
    default: "relevance",
    description: "Best first; `updated`: last published first.",
  }),
  facets: Type.Boolean({ default: false, description: "Also count the answers by facet." }),
};
