import { registryError } from "../errors.ts";
import type { ReviewStatus } from "../review-tables.ts";
import type { ReviewRow } from "./queries.ts";

/** A review as everybody sees it. All texts are plain text. */
export interface Review {
  id: string;
  plugin: string;
  /** Which version the author had when they wrote or last changed it. */
  version: string;
  rating: number;
  title: string;
  body: string;
  /** Null for one who gave no name. */
  authorName: string | null;
  helpfulCount: number;
  reply: { body: string; at: string } | null;
  createdAt: string;
  editedAt: string | null;
}

/** A review as its author sees it. */
export interface OwnReview extends Review {
  status: ReviewStatus;
}

export function toReview(row: ReviewRow): Review {
  return {
    id: row.id,
    plugin: row.plugin,
    version: row.version,
    rating: row.rating,
    title: row.title,
    body: row.body,
    authorName: row.author_name,
    helpfulCount: row.helpful_count,
    reply:
      row.reply === null || row.replied_at === null
        ? null
        : { body: row.reply, at: row.replied_at.toISOString() },
    createdAt: row.created_at.toISOString(),
    editedAt: row.edited_at?.toISOString() ?? null,
  };
}

export function toOwnReview(row: ReviewRow): OwnReview {
  return { ...toReview(row), status: row.status };
}

/** The same for one that is not there, not of this author, and not to be seen: nobody learns which. */
export function reviewNotFound(plugin: string, id: string) {
  return registryError("review-not-found", `${plugin} has no review "${id}" that you could see or change.`);
}

export function pluginNotFound(plugin: string) {
  return registryError("plugin-not-found", `No plugin "${plugin}" is published here.`);
}
