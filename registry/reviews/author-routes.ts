import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { pluginId, pluginName, publisherName, tenantId } from "../names.ts";
import type { Author } from "./author.ts";
import type { ReviewListing } from "./listing.ts";
import type { Opinions } from "./opinions/index.ts";
import type { Reviews } from "./reviews.ts";
import * as schemas from "./schemas.ts";

const ofPlugin = Type.Object({ publisher: publisherName, name: pluginName });
const ofReview = Type.Object({ publisher: publisherName, name: pluginName, id: schemas.reviewId });
const reviewsPath = "/registry/v1/plugins/:publisher/:name/reviews";
const writing = ["review-needs-install", "review-own-plugin", "review-removed"];

/** For hosts, which say for whom they speak. */
export function authorRoutes({
  reviews,
  listing,
  opinions,
}: {
  reviews: Reviews;
  listing: ReviewListing;
  opinions: Opinions;
}): Route[] {
  return [
    route({
      method: "POST",
      path: reviewsPath,
      operationId: "createReview",
      summary: "Review a plugin that the tenant has installed",
      description:
        "One review by each author. When suspiciously many come at once it is held for moderation, which its `status` says.",
      tags: ["reviews"],
      access: "host",
      params: ofPlugin,
      body: schemas.ReviewRequest,
      responses: { 201: { description: "The review.", schema: schemas.OwnReview } },
      errors: [...writing, "plugin-not-found", "review-exists", "rate-limited"],
      async handler({ params, body, identity }) {
        const { authorName = null, rating, title } = body;
        const author = { ...toAuthor(body), host: identity.caller };
        const text = { rating, title, body: body.body, authorName };
        return { status: 201, body: await reviews.write(author, idOf(params), text) };
      },
    }),
    route({
      method: "PATCH",
      path: `${reviewsPath}/:id`,
      operationId: "changeReview",
      summary: "Change one's own review",
      description:
        "It is then of the version that the tenant has now. The text before is kept for moderation.",
      tags: ["reviews"],
      access: "host",
      params: ofReview,
      body: schemas.ReviewChangeRequest,
      responses: { 200: { description: "The review.", schema: schemas.OwnReview } },
      errors: [...writing, "review-not-found", "rate-limited"],
      async handler({ params, body }) {
        const { tenantId, author, ...change } = body;
        const name = { plugin: idOf(params), id: params.id };
        return { status: 200, body: await reviews.edit(toAuthor({ tenantId, author }), name, change) };
      },
    }),
    route({
      method: "DELETE",
      path: `${reviewsPath}/:id`,
      operationId: "deleteReview",
      summary: "Delete one's own review",
      tags: ["reviews"],
      access: "host",
      params: ofReview,
      query: schemas.Author,
      responses: { 204: { description: "It is no longer shown or counted." } },
      errors: ["review-not-found"],
      async handler({ params, query }) {
        await reviews.delete(toAuthor(query), { plugin: idOf(params), id: params.id });
        return { status: 204 };
      },
    }),
    route({
      method: "PUT",
      path: `${reviewsPath}/:id/helpful`,
      operationId: "voteHelpful",
      summary: "Say that a review of somebody else helped",
      tags: ["reviews"],
      access: "host",
      params: ofReview,
      body: schemas.Author,
      responses: { 200: { description: "The review.", schema: schemas.Review } },
      errors: ["own-review", "review-not-found", "review-own-plugin"],
      async handler({ params, body }) {
        const name = { plugin: idOf(params), id: params.id };
        return { status: 200, body: await opinions.voteHelpful(toAuthor(body), name) };
      },
    }),
    route({
      method: "DELETE",
      path: `${reviewsPath}/:id/helpful`,
      operationId: "takeVoteBack",
      summary: "Take one's vote back",
      tags: ["reviews"],
      access: "host",
      params: ofReview,
      query: schemas.Author,
      responses: { 200: { description: "The review.", schema: schemas.Review } },
      errors: ["review-not-found"],
      async handler({ params, query }) {
        const name = { plugin: idOf(params), id: params.id };
        return { status: 200, body: await opinions.takeVoteBack(toAuthor(query), name) };
      },
    }),
    route({
      method: "POST",
      path: `${reviewsPath}/:id/reports`,
      operationId: "reportReview",
      summary: "Report a review to the moderators",
      tags: ["reviews"],
      access: "host",
      params: ofReview,
      body: schemas.ReportRequest,
      responses: { 204: { description: "The moderators will see it." } },
      errors: ["own-review", "review-not-found"],
      async handler({ params, body }) {
        const name = { plugin: idOf(params), id: params.id };
        await opinions.report(toAuthor(body), name, body);
        return { status: 204 };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/tenants/:tenantId/reviews",
      operationId: "listReviewsOfAuthor",
      summary: "What one author in a tenant has written",
      tags: ["reviews"],
      access: "host",
      params: Type.Object({ tenantId }),
      query: Type.Object({
        author: schemas.authorFields.author,
        plugin: Type.Optional(pluginId),
        ...pageQuery,
      }),
      responses: {
        200: {
          description: "A page of reviews, oldest first, with those that are held or hidden.",
          schema: page(schemas.OwnReview),
        },
      },
      errors: [],
      async handler({ params, query }) {
        const author = toAuthor({ ...params, author: query.author });
        const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, schemas.reviewId);
        const limit = query.limit + 1;
        const found = await listing.ofAuthor(author, { plugin: query.plugin, limit, after });
        const items = found.slice(0, query.limit);
        const last = found.length > query.limit ? items.at(-1) : undefined;
        return { status: 200, body: { items, nextCursor: last ? encodeCursor(last.id) : null } };
      },
    }),
  ];
}

function toAuthor({ tenantId, author }: { tenantId: string; author: string }): Author {
  return { tenantId, reference: author };
}

function idOf(params: { publisher: string; name: string }): string {
  return `${params.publisher}/${params.name}`;
}
