import type { RegistryClient } from "@plugboard/registry/client";
import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { type Authors, sharedRoute, tenantOf, tenantRoute } from "../../access/index.ts";
import { asCoreError } from "../registry-problems.ts";
import * as schemas from "./schemas.ts";

const name = Type.String({ minLength: 1, maxLength: 64 });
const ofPlugin = Type.Object({ publisher: name, name });
const reads = { scope: "marketplace:read", orAdmin: true } as const;
const away = ["registry-unavailable", "registry-refused"];

/** What is said of a plugin, as the registry shows it to everybody; and what the caller has said. */
export function createReviewReadRoutes(kernel: {
  registry: Pick<RegistryClient, "listReviews" | "getRating" | "listOwnReviews">;
  authors: Authors;
}): Route[] {
  const { registry, authors } = kernel;
  return [
    sharedRoute({
      method: "GET",
      path: "/api/v1/marketplace/plugins/:publisher/:name/reviews",
      operationId: "listReviews",
      summary: "Reviews of a plugin",
      tags: ["reviews"],
      access: reads,
      params: ofPlugin,
      query: Type.Object({
        sort: schemas.sort,
        stars: Type.Optional(schemas.stars),
        version: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        ...pageQuery,
      }),
      responses: { 200: { description: "One page.", schema: page(schemas.review) } },
      errors: ["plugin-not-found", ...away],
      async handler({ identity, params, query }) {
        const plugin = idOf(params);
        const found = registry.listReviews(plugin, query, tenantOf(identity));
        return { status: 200, body: await passOn(found, plugin) };
      },
    }),

    sharedRoute({
      method: "GET",
      path: "/api/v1/marketplace/plugins/:publisher/:name/rating",
      operationId: "getRating",
      summary: "What all reviews of a plugin come to",
      tags: ["reviews"],
      access: reads,
      params: ofPlugin,
      responses: { 200: { description: "The rating.", schema: schemas.rating } },
      errors: ["plugin-not-found", ...away],
      async handler({ identity, params }) {
        const plugin = idOf(params);
        return { status: 200, body: await passOn(registry.getRating(plugin, tenantOf(identity)), plugin) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/marketplace/reviews",
      operationId: "listOwnReviews",
      summary: "What you have written, also what waits for moderation or was taken down",
      tags: ["reviews"],
      access: { scope: "marketplace:read" },
      query: Type.Object({
        plugin: Type.Optional(Type.String({ minLength: 3, maxLength: 128, description: "`publisher/name`" })),
        ...pageQuery,
      }),
      responses: { 200: { description: "One page, oldest first.", schema: page(schemas.ownReview) } },
      errors: away,
      async handler({ identity, query }) {
        const author = await authors.of(identity);
        return { status: 200, body: await passOn(registry.listOwnReviews(author, query), query.plugin) };
      },
    }),
  ];
}

/** What the registry answers, or the core's own word for what it refuses. */
export function passOn<Answer>(answer: Promise<Answer>, plugin?: string): Promise<Answer> {
  return answer.catch((error) => {
    throw asCoreError(error, plugin);
  });
}

export function idOf(params: { publisher: string; name: string }): string {
  return `${params.publisher}/${params.name}`;
}
