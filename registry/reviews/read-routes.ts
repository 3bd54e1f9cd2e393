import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { bearerOf } from "../bearer.ts";
import { exactVersion, pluginName, publisherName, timestamp } from "../names.ts";
import { onBehalf, type ViewerOf, viewingErrors } from "../viewing.ts";
import type { ReviewListing } from "./listing.ts";
import type { Replies } from "./replies/index.ts";
import * as schemas from "./schemas.ts";

const ofPlugin = Type.Object({ publisher: publisherName, name: pluginName });
const ofReview = Type.Object({ publisher: publisherName, name: pluginName, id: schemas.reviewId });
const pluginPath = "/registry/v1/plugins/:publisher/:name";

const sort = Type.Union(
  [Type.Literal("helpful"), Type.Literal("newest"), Type.Literal("highest"), Type.Literal("lowest")],
  { default: "helpful", description: "What comes first; among equals the newest." },
);

const position = Type.Object(
  {
    sort,
    value: Type.Integer({ minimum: -5, maximum: 2 ** 31 - 1 }),
    createdAt: timestamp,
    id: schemas.reviewId,
  },
  { additionalProperties: false },
);

/** For everybody; and for publishers, whose signature says who they are. */
export function readRoutes(o: { listing: ReviewListing; replies: Replies; viewerOf: ViewerOf }): Route[] {
  const { listing, replies, viewerOf } = o;
  return [
    route({
      method: "GET",
      path: `${pluginPath}/reviews`,
      operationId: "listReviews",
      summary: "Reviews of a plugin",
      tags: ["reviews"],
      access: "public",
      params: ofPlugin,
      query: Type.Object({
        sort,
        stars: Type.Optional(schemas.stars),
        version: Type.Optional(exactVersion),
        ...onBehalf,
        ...pageQuery,
      }),
      responses: { 200: { description: "A page of reviews.", schema: page(schemas.Review) } },
      errors: ["plugin-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        const { sort, stars, version, limit, cursor } = query;
        // A cursor of another order would skip reviews or repeat them.
        const sorted = Type.Object({ ...position.properties, sort: Type.Literal(sort) });
        const after = cursor === undefined ? undefined : decodeCursor(cursor, sorted);
        const { items, next } = await listing.list(viewer, idOf(params), {
          sort,
          stars,
          version,
          limit,
          after,
        });
        return { status: 200, body: { items, nextCursor: next ? encodeCursor({ sort, ...next }) : null } };
      },
    }),
    route({
      method: "GET",
      path: `${pluginPath}/reviews/:id`,
      operationId: "getReview",
      summary: "One review",
      tags: ["reviews"],
      access: "public",
      params: ofReview,
      query: Type.Object(onBehalf),
      responses: { 200: { description: "The review.", schema: schemas.Review } },
      errors: ["review-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        return { status: 200, body: await listing.get(viewer, idOf(params), params.id) };
      },
    }),
    route({
      method: "GET",
      path: `${pluginPath}/rating`,
      operationId: "getRating",
      summary: "What all reviews of a plugin come to",
      tags: ["reviews"],
      access: "public",
      params: ofPlugin,
      query: Type.Object(onBehalf),
      responses: { 200: { description: "The rating.", schema: schemas.Rating } },
      errors: ["plugin-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        return { status: 200, body: await listing.rating(viewer, idOf(params)) };
      },
    }),
    route({
      method: "PUT",
      path: `${pluginPath}/reviews/:id/reply`,
      operationId: "replyToReview",
      summary: "Answer a review of one's own plugin",
      description:
        "The publisher's signature is the authentication; besides it a member's token, where the publisher asks for one. A later answer takes the place of the one before.",
      tags: ["reviews"],
      access: "public",
      params: ofReview,
      body: schemas.ReplyRequest,
      maxBodyBytes: 64 * 1024,
      responses: { 200: { description: "The review with its answer.", schema: schemas.Review } },
      errors: [
        "claim-invalid",
        "forbidden",
        "not-a-member",
        "publisher-key-unknown",
        "reply-outdated",
        "review-not-found",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
        "unauthorized",
      ],
      async handler({ params, body, ...request }) {
        const name = { plugin: idOf(params), id: params.id };
        const token = bearerOf(request);
        return { status: 200, body: await replies.reply(name, body.reply, { token }) };
      },
    }),
  ];
}

function idOf(params: { publisher: string; name: string }): string {
  return `${params.publisher}/${params.name}`;
}
