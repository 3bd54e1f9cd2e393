import type { Generated } from "kysely";

/** The tables of reviews in schema `registry`. */
export interface ReviewTables {
  reviews: ReviewsTable;
  plugin_ratings: { plugin: string; stars: Generated<number[]> };
  review_revisions: ReviewRevisionsTable;
  review_votes: { review_id: string; tenant_id: string; author: string; at: Date };
  review_reports: ReviewReportsTable;
  review_audit: ReviewAuditTable;
  publisher_tenants: { publisher: string; tenant_id: string; linked_at: Date };
}

/**
 * `visible` counts and is shown. `held` waits for moderation, `hidden` was taken down and may be mended by its author,
 * `removed` was taken down for good.
 */
export type ReviewStatus = "visible" | "held" | "hidden" | "removed";

interface ReviewsTable {
  id: string;
  plugin: string;
  tenant_id: string;
  author: string;
  author_name: string | null;
  host: string;
  newcomer: boolean;
  version: string;
  rating: number;
  title: string;
  body: string;
  status: ReviewStatus;
  helpful_count: Generated<number>;
  report_count: Generated<number>;
  reply: string | null;
  replied_at: Date | null;
  reply_signed_at: Date | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
}

export type ReviewChange = "written" | "edited" | "deleted";

interface ReviewRevisionsTable {
  review_id: string;
  /** 1 is the first. */
  revision: number;
  change: ReviewChange;
  version: string;
  author_name: string | null;
  rating: number;
  title: string;
  body: string;
  at: Date;
}

interface ReviewReportsTable {
  review_id: string;
  tenant_id: string;
  author: string;
  reason: string;
  note: string;
  at: Date;
  settled_at: Date | null;
}

interface ReviewAuditTable {
  id: Generated<number>;
  review_id: string;
  decided_by: "operator" | "flood-rule" | "publisher-link";
  decision: string;
  reason: string;
  at: Date;
}
