import type { RegistryClient } from "@plugboard/registry/client";
import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { type Authors, tenantRoute } from "../../access/index.ts";
import { idOf, passOn } from "./read-routes.ts";
import * as schemas from "./schemas.ts";

const name = Type.String({ minLength: 1, maxLength: 64 });
const ofPlugin = Type.Object({ publisher: name, name });
const ofReview = Type.Object({ publisher: name, name, id: Type.String({ minLength: 1, maxLength: 64 }) });
const reviews = "/api/v1/marketplace/plugins/:publisher/:name/reviews";
const writes = { scope: "reviews:write" } as const;
const writing = ["review-needs-install", "review-own-plugin", "review-removed", "rate-limited"];
const away = ["registry-unavailable", "registry-refused"];

/** The caller is who the API key says, never who the request names: all keys of a tenant are one author. */
export function createReviewWriteRoutes(kernel: {
  registry: Pick<
    RegistryClient,
    "createReview" | "updateReview" | "removeReview" | "voteHelpful" | "takeVoteBack" | "reportReview"
  >;
  authors: Authors;
}): Route[] {
  const { registry, authors } = kernel;
  return [
    tenantRoute({
      method: "POST",
      path: reviews,
      operationId: "createReview",
      summary: "Review a plugin that you have installed",
      description:
        "One review by each author. When suspiciously many come at once the registry holds them for moderation, which `status` says.",
      tags: ["reviews"],
      access: writes,
      params: ofPlugin,
      body: schemas.reviewRequest,
      responses: { 201: { description: "The review.", schema: schemas.ownReview } },
      errors: ["plugin-not-found", "review-exists", ...writing, ...away],
      async handler({ identity, params, body }) {
        const plugin = idOf(params);
        const author = await authors.of(identity);
        return { status: 201, body: await passOn(registry.createReview(author, plugin, body), plugin) };
      },
    }),

    tenantRoute({
      method: "PATCH",
      path: `${reviews}/:id`,
      operationId: "changeReview",
      summary: "Change your review",
      description: "It is then of the version that you have installed now.",
      tags: ["reviews"],
      access: writes,
      params: ofReview,
      body: schemas.reviewChange,
      responses: { 200: { description: "The review.", schema: schemas.ownReview } },
      errors: ["review-not-found", ...writing, ...away],
      async handler({ identity, params, body }) {
        const plugin = idOf(params);
        const changed = registry.updateReview(await authors.of(identity), plugin, params.id, body);
        return { status: 200, body: await passOn(changed, plugin) };
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: `${reviews}/:id`,
      operationId: "deleteReview",
      summary: "Delete your review",
      tags: ["reviews"],
      access: writes,
      params: ofReview,
      responses: { 204: { description: "It is no longer shown or counted." } },
      errors: ["review-not-found", ...away],
      async handler({ identity, params }) {
        const plugin = idOf(params);
        await passOn(registry.removeReview(await authors.of(identity), plugin, params.id), plugin);
        return { status: 204 };
      },
    }),

    tenantRoute({
      method: "PUT",
      path: `${reviews}/:id/helpful`,
      operationId: "voteHelpful",
      summary: "Say that a review of somebody else helped",
      tags: ["reviews"],
      access: writes,
      params: ofReview,
      responses: { 200: { description: "The review.", schema: schemas.review } },
      errors: ["own-review", "review-not-found", "review-own-plugin", ...away],
      async handler({ identity, params }) {
        const plugin = idOf(params);
        const voted = registry.voteHelpful(await authors.of(identity), plugin, params.id);
        return { status: 200, body: await passOn(voted, plugin) };
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: `${reviews}/:id/helpful`,
      operationId: "takeVoteBack",
      summary: "Take your vote back",
      tags: ["reviews"],
      access: writes,
      params: ofReview,
      responses: { 200: { description: "The review.", schema: schemas.review } },
      errors: ["review-not-found", ...away],
      async handler({ identity, params }) {
        const plugin = idOf(params);
        const taken = registry.takeVoteBack(await authors.of(identity), plugin, params.id);
        return { status: 200, body: await passOn(taken, plugin) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: `${reviews}/:id/reports`,
      operationId: "reportReview",
      summary: "Report a review to the registry's moderators",
      tags: ["reviews"],
      access: writes,
      params: ofReview,
      body: schemas.reportRequest,
      responses: { 204: { description: "They will see it." } },
      errors: ["own-review", "review-not-found", ...away],
      async handler({ identity, params, body }) {
        const plugin = idOf(params);
        await passOn(registry.reportReview(await authors.of(identity), plugin, params.id, body), plugin);
        return { status: 204 };
      },
    }),
  ];
}
