import type { Static } from "typebox";
import * as schemas from "../reviews/schemas.ts";
import type { Ask } from "./ask.ts";
import type { OnBehalf } from "./on-behalf.ts";
import { pageOf } from "./page.ts";
import { at, pluginPath, toQuery } from "./paths.ts";
import type { Send } from "./request.ts";

export type Review = Static<typeof schemas.Review>;
export type OwnReview = Static<typeof schemas.OwnReview>;
export type Rating = Static<typeof schemas.Rating>;

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Who writes or votes, as this host vouches for them. */
export interface ReviewAuthor {
  tenantId: string;
  /** A keyed hash of whoever acts in the tenant, base64url. */
  author: string;
}

export interface ReviewWish {
  rating: number;
  title: string;
  body: string;
  authorName?: string | null;
}

export interface ReviewListRequest {
  sort?: "helpful" | "newest" | "highest" | "lowest";
  stars?: number;
  version?: string;
  limit?: number;
  cursor?: string;
}

/** @param plugin `publisher/name`, in all of them */
export interface ReviewClient {
  listReviews(plugin: string, query?: ReviewListRequest, tenantId?: string): Promise<Page<Review>>;
  getReview(plugin: string, id: string, tenantId?: string): Promise<Review>;
  getRating(plugin: string, tenantId?: string): Promise<Rating>;
  /** The author's own, also those that are held or were taken down. */
  listOwnReviews(
    author: ReviewAuthor,
    query?: { plugin?: string; limit?: number; cursor?: string },
  ): Promise<Page<OwnReview>>;
  createReview(author: ReviewAuthor, plugin: string, review: ReviewWish): Promise<OwnReview>;
  updateReview(
    author: ReviewAuthor,
    plugin: string,
    id: string,
    change: Partial<ReviewWish>,
  ): Promise<OwnReview>;
  removeReview(author: ReviewAuthor, plugin: string, id: string): Promise<void>;
  voteHelpful(author: ReviewAuthor, plugin: string, id: string): Promise<Review>;
  takeVoteBack(author: ReviewAuthor, plugin: string, id: string): Promise<Review>;
  reportReview(
    author: ReviewAuthor,
    plugin: string,
    id: string,
    report: { reason: Static<typeof schemas.ReportRequest>["reason"]; note?: string },
  ): Promise<void>;
  /** @param reply compact JWS, signed with a key of the publisher's */
  replyToReview(plugin: string, id: string, reply: string): Promise<Review>;
}

export function createReviewClient(o: { ask: Ask; send: Send; onBehalf: OnBehalf }): ReviewClient {
  const { ask, send, onBehalf } = o;
  const reviewPath = (plugin: string, id: string) => pluginPath(plugin) + at`/reviews/${id}`;
  const asHost = true;
  return {
    async listReviews(plugin, query = {}, tenantId) {
      const as = onBehalf(tenantId);
      const path = `${pluginPath(plugin)}/reviews${toQuery({ ...query, ...as.query })}`;
      return ask(pageOf(schemas.Review), { method: "GET", path, asHost: as.asHost });
    },
    async getReview(plugin, id, tenantId) {
      const as = onBehalf(tenantId);
      const path = reviewPath(plugin, id) + toQuery(as.query);
      return ask(schemas.Review, { method: "GET", path, asHost: as.asHost });
    },
    async getRating(plugin, tenantId) {
      const as = onBehalf(tenantId);
      const path = `${pluginPath(plugin)}/rating${toQuery(as.query)}`;
      return ask(schemas.Rating, { method: "GET", path, asHost: as.asHost });
    },
    async listOwnReviews({ tenantId, author }, query = {}) {
      const path = at`/tenants/${tenantId}/reviews` + toQuery({ author, ...query });
      return ask(pageOf(schemas.OwnReview), { method: "GET", path, asHost });
    },
    async createReview(author, plugin, review) {
      const path = `${pluginPath(plugin)}/reviews`;
      return ask(schemas.OwnReview, { method: "POST", path, json: { ...author, ...review }, asHost });
    },
    async updateReview(author, plugin, id, change) {
      const path = reviewPath(plugin, id);
      return ask(schemas.OwnReview, { method: "PATCH", path, json: { ...author, ...change }, asHost });
    },
    async removeReview(author, plugin, id) {
      await send({ method: "DELETE", path: reviewPath(plugin, id) + toQuery(author), asHost });
    },
    async voteHelpful(author, plugin, id) {
      const path = `${reviewPath(plugin, id)}/helpful`;
      return ask(schemas.Review, { method: "PUT", path, json: author, asHost });
    },
    async takeVoteBack(author, plugin, id) {
      const path = `${reviewPath(plugin, id)}/helpful${toQuery(author)}`;
      return ask(schemas.Review, { method: "DELETE", path, asHost });
    },
    async reportReview(author, plugin, id, report) {
      const path = `${reviewPath(plugin, id)}/reports`;
      await send({ method: "POST", path, json: { ...author, ...report }, asHost });
    },
    async replyToReview(plugin, id, reply) {
      return ask(schemas.Review, { method: "PUT", path: `${reviewPath(plugin, id)}/reply`, json: { reply } });
    },
  };
}
