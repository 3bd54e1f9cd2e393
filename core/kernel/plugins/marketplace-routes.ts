import {
  Facets,
  listingSchema,
  type RegistryClient,
  type SearchItem,
  searchFilters,
  searchItem,
} from "@plugboard/registry/client";
import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { type Identity, sharedRoute, tenantOf } from "../access/index.ts";
import type { Installs } from "./installs.ts";
import { listingFileRoutes } from "./listing-file-routes.ts";
import { asCoreError } from "./registry-problems.ts";

const installed = Type.Union(
  [
    Type.Object(
      { id: Type.String(), version: Type.String(), status: Type.String() },
      { title: "InstalledMark" },
    ),
    Type.Null(),
  ],
  { description: "This tenant's install of the plugin, if it has one." },
);

const item = Type.Object({ ...searchItem.properties, installed }, { title: "MarketplaceItem" });

const marketplacePage = Type.Object({
  ...page(item).properties,
  total: Type.Integer({ description: "Answers on all pages." }),
  facets: Type.Optional(Facets),
});

const name = Type.String({ minLength: 1, maxLength: 64 });

const deprecated = Type.Union(
  [Type.Object({ message: Type.String(), replacement: Type.Optional(Type.String()) }), Type.Null()],
  { description: "Why it should be used no more, and what instead; null: it may be." },
);

/** What this tenant may install: the registry's catalog, marked with what it has. */
export function createMarketplaceRoutes(kernel: {
  registry: Pick<RegistryClient, "search" | "getPlugin" | "getListingFile">;
  installs: Pick<Installs, "ofPlugins">;
}): Route[] {
  const { registry, installs } = kernel;

  /** What the caller's tenant has of these; the operator has none. */
  async function marks(caller: Identity, plugins: string[]) {
    const found = caller.kind === "tenant" ? await installs.ofPlugins(caller.tenantId, plugins) : [];
    return new Map(found.map(({ id, plugin, version, status }) => [plugin, { id, version, status }]));
  }

  return [
    sharedRoute({
      method: "GET",
      path: "/api/v1/marketplace/plugins",
      operationId: "searchMarketplace",
      summary: "Search the marketplace",
      tags: ["marketplace"],
      access: { scope: "marketplace:read", orAdmin: true },
      query: Type.Object({
        ...pageQuery,
        q: Type.Optional(
          Type.String({ maxLength: 200, description: "Words to look for; without them, everything." }),
        ),
        ...searchFilters,
      }),
      responses: { 200: { description: "One page, best match first.", schema: marketplacePage } },
      errors: ["registry-unavailable", "registry-refused"],
      async handler({ identity, query }) {
        const found = await registry.search(query, tenantOf(identity)).catch((error) => {
          throw asCoreError(error);
        });
        const mark = await marks(
          identity,
          found.items.map(({ id }) => id),
        );
        const items = found.items.map((plugin) => ({
          ...toItem(plugin),
          installed: mark.get(plugin.id) ?? null,
        }));
        const { nextCursor, total, facets } = found;
        return { status: 200, body: { items, nextCursor, total, ...(facets && { facets }) } };
      },
    }),

    sharedRoute({
      method: "GET",
      path: "/api/v1/marketplace/plugins/:publisher/:name",
      operationId: "getMarketplacePlugin",
      summary: "Read a plugin's listing",
      description:
        "With the permissions that its latest version asks for, and the schemas of what it offers.",
      tags: ["marketplace"],
      access: { scope: "marketplace:read", orAdmin: true },
      params: Type.Object({ publisher: name, name }),
      responses: {
        200: {
          description: "The listing.",
          schema: Type.Object(
            {
              ...item.properties,
              license: Type.String(),
              permissions: Type.Record(Type.String(), Type.Unknown()),
              contributes: Type.Record(Type.String(), Type.Unknown()),
              versions: Type.Array(
                Type.Object({
                  version: Type.String(),
                  publishedAt: Type.String({ format: "date-time" }),
                  yanked: Type.Boolean({ description: "Ranges pass it over." }),
                  deprecated,
                  blocked: Type.Union([Type.Object({ reason: Type.String() }), Type.Null()], {
                    description: "Why it is neither installed nor run; null: it is.",
                  }),
                }),
                { description: "Newest first." },
              ),
              deprecated,
              links: listingSchema.properties.links,
              files: Type.Array(
                Type.Object({ kind: Type.String(), mediaType: Type.String(), url: Type.String() }),
                { description: "What the latest version brought to be shown, by paths on this host." },
              ),
              screenshots: Type.Array(
                Type.Object({ caption: Type.String(), mediaType: Type.String(), url: Type.String() }),
              ),
              statistics: listingSchema.properties.statistics,
            },
            { title: "MarketplaceListing" },
          ),
        },
      },
      errors: ["plugin-not-found", "registry-unavailable", "registry-refused"],
      async handler({ identity, params }) {
        const id = `${params.publisher}/${params.name}`;
        const listing = await registry.getPlugin(id, tenantOf(identity)).catch((error) => {
          throw asCoreError(error, id);
        });
        const mark = await marks(identity, [id]);
        return {
          status: 200,
          body: {
            ...toItem({ ...listing, publishedAt: listing.versions[0]?.publishedAt ?? listing.updatedAt }),
            installed: mark.get(id) ?? null,
            links: listing.links,
            files: listing.files.map(({ kind, mediaType, url }) => ({
              kind,
              mediaType,
              url: onThisHost(url),
            })),
            screenshots: listing.screenshots.map(({ caption, mediaType, url }) => ({
              caption,
              mediaType,
              url: onThisHost(url),
            })),
            statistics: listing.statistics,
            license: listing.license,
            permissions: { ...listing.permissions },
            contributes: { ...listing.contributes },
            versions: listing.versions.map(({ version, publishedAt, yanked, deprecated, blocked }) => ({
              version,
              publishedAt,
              yanked,
              deprecated,
              blocked: blocked && { reason: blocked.reason },
            })),
            deprecated: listing.deprecated,
          },
        };
      },
    }),
    ...listingFileRoutes({ registry }),
  ];
}

/** The registry's path of a file, as this host hands the same out. */
function onThisHost(url: string): string {
  return url.replace("/registry/v1/plugins/", "/api/v1/marketplace/plugins/");
}

function toItem(plugin: SearchItem): SearchItem {
  const names = Object.keys(searchItem.properties) as (keyof SearchItem)[];
  return Object.fromEntries(names.map((name) => [name, plugin[name]])) as unknown as SearchItem;
}
