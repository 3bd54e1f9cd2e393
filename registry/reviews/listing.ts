import type { RegistryDatabase } from "../tables.ts";
import type { Viewer } from "../visibility.ts";
import type { Author } from "./author.ts";
import * as queries from "./queries.ts";
import type { Rating, Ratings } from "./ratings/index.ts";
import {
  type OwnReview,
  pluginNotFound,
  type Review,
  reviewNotFound,
  toOwnReview,
  toReview,
} from "./review.ts";

export interface ReviewQuery {
  sort: queries.ReviewSort;
  stars: number | undefined;
  version: string | undefined;
  limit: number;
  after: queries.ReviewPosition | undefined;
}

/** Reviews as those see them who may know of the plugin, and as their authors do. */
export interface ReviewListing {
  /** @returns `next` is where the page after this one begins. @throws `plugin-not-found` */
  list(
    viewer: Viewer,
    plugin: string,
    query: ReviewQuery,
  ): Promise<{ items: Review[]; next: queries.ReviewPosition | undefined }>;
  /** @throws `plugin-not-found` */
  rating(viewer: Viewer, plugin: string): Promise<Rating>;
  /** @throws `review-not-found` */
  get(viewer: Viewer, plugin: string, id: string): Promise<Review>;
  /** The author's own, also held and hidden ones; one more than `limit` tells that there is a next page. */
  ofAuthor(
    author: Author,
    query: { plugin: string | undefined; limit: number; after: string | undefined },
  ): Promise<OwnReview[]>;
}

export function createReviewListing(options: { db: RegistryDatabase; ratings: Ratings }): ReviewListing {
  const { db, ratings } = options;

  async function requireListed(viewer: Viewer, plugin: string): Promise<void> {
    if (!(await queries.isListed(db, plugin, viewer))) throw pluginNotFound(plugin);
  }

  return {
    async list(viewer, plugin, query) {
      await requireListed(viewer, plugin);
      const found = await queries.listVisible(db, plugin, { ...query, limit: query.limit + 1 });
      const rows = found.slice(0, query.limit);
      const last = found.length > query.limit ? rows.at(-1) : undefined;
      const next = last && { value: last.value, createdAt: last.created_at.toISOString(), id: last.id };
      return { items: rows.map(toReview), next };
    },
    async rating(viewer, plugin) {
      await requireListed(viewer, plugin);
      return ratings.of(plugin);
    },
    async get(viewer, plugin, id) {
      const row = await queries.findVisible(db, plugin, id);
      if (!row || !(await queries.isListed(db, plugin, viewer))) throw reviewNotFound(plugin, id);
      return toReview(row);
    },
    async ofAuthor(author, query) {
      return (await queries.listOfAuthor(db, author, query)).map(toOwnReview);
    },
  };
}
