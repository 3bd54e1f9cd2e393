import { registryError } from "../../errors.ts";
import type { ReviewStatus } from "../../review-tables.ts";
import type { RegistryDatabase } from "../../tables.ts";
import { changeReview, countedStars, findReview, type ReviewRow } from "../queries.ts";
import type { Ratings } from "../ratings/index.ts";
import { type OwnReview, toOwnReview } from "../review.ts";
import { tidyText } from "../text.ts";
import * as queries from "./queries.ts";

/**
 * `hide` takes a review down until it is restored, `remove` for good (its author cannot write another), `restore` puts it
 * back or lets one go that was held. `keep` settles its reports and changes nothing. `remove-reply` takes the publisher's
 * answer down.
 */
export type Decision = "hide" | "restore" | "remove" | "keep" | "remove-reply";

export interface ModeratedReview extends OwnReview {
  tenantId: string;
  author: string;
  /** Reports that are not settled. */
  reportCount: number;
  deletedAt: string | null;
}

export interface ModerationCase extends ModeratedReview {
  /** Every text there was, oldest first. */
  revisions: {
    revision: number;
    change: string;
    version: string;
    rating: number;
    title: string;
    body: string;
    authorName: string | null;
    at: string;
  }[];
  reports: { tenantId: string; reason: string; note: string; at: string; settledAt: string | null }[];
  audit: AuditRecord[];
}

export interface AuditRecord {
  id: number;
  reviewId: string;
  decidedBy: string;
  decision: string;
  reason: string;
  at: string;
}

/** What the operator of the registry does about reviews. Every decision is written down with its reason, for ever. */
export interface Moderation {
  /** Oldest first; one more than `limit` tells that there is a next page. */
  list(query: {
    state: queries.Moderated;
    limit: number;
    after: string | undefined;
  }): Promise<ModeratedReview[]>;
  /** @throws `review-not-found` */
  get(id: string): Promise<ModerationCase>;
  /** @throws `review-not-found` */
  decide(id: string, ruling: { decision: Decision; reason: string }): Promise<ModerationCase>;
  /** Newest first. */
  audit(query: { limit: number; before: number | undefined }): Promise<AuditRecord[]>;
}

const statusAfter: Partial<Record<Decision, ReviewStatus>> = {
  hide: "hidden",
  restore: "visible",
  remove: "removed",
};

export function createModeration(options: {
  db: RegistryDatabase;
  ratings: Ratings;
  now: () => Date;
}): Moderation {
  const { db, ratings, now } = options;

  async function get(id: string): Promise<ModerationCase> {
    const row = await findReview(db, id);
    if (!row) throw notFound(id);
    const [revisions, reports, audit] = await Promise.all([
      queries.listRevisions(db, id),
      queries.listReports(db, id),
      queries.listAuditOf(db, id),
    ]);
    return {
      ...toModerated(row),
      revisions: revisions.map(({ review_id, author_name, at, ...revision }) => ({
        ...revision,
        authorName: author_name,
        at: at.toISOString(),
      })),
      reports: reports.map((report) => ({
        tenantId: report.tenant_id,
        reason: report.reason,
        note: report.note,
        at: report.at.toISOString(),
        settledAt: report.settled_at?.toISOString() ?? null,
      })),
      audit: audit.map(toAuditRecord),
    };
  }

  return {
    async list(query) {
      return (await queries.listModerated(db, query)).map(toModerated);
    },
    get,
    async decide(id, { decision, reason: given }) {
      const reason = tidyText("/reason", given);
      const found = await findReview(db, id);
      if (!found) throw notFound(id);
      await db.transaction().execute(async (transaction) => {
        await ratings.lock(transaction, found.plugin);
        const before = (await findReview(transaction, id)) ?? found;
        const at = now();
        const status = statusAfter[decision] ?? before.status;
        const row = await changeReview(transaction, id, {
          status,
          ...(decision === "remove-reply" && { reply: null, replied_at: null }),
        });
        await queries.settleReports(transaction, id, at);
        const stars = { from: countedStars(before), to: countedStars(row) };
        await ratings.recount(transaction, row.plugin, stars);
        await queries.appendAudit(transaction, id, { decidedBy: "operator", decision, reason, at });
      });
      return get(id);
    },
    async audit(query) {
      return (await queries.listAudit(db, query)).map(toAuditRecord);
    },
  };
}

function notFound(id: string) {
  return registryError("review-not-found", `There is no review "${id}".`);
}

function toModerated(row: ReviewRow): ModeratedReview {
  return {
    ...toOwnReview(row),
    tenantId: row.tenant_id,
    author: row.author,
    reportCount: row.report_count,
    deletedAt: row.deleted_at?.toISOString() ?? null,
  };
}

function toAuditRecord(row: Awaited<ReturnType<typeof queries.listAudit>>[number]): AuditRecord {
  return {
    id: row.id,
    reviewId: row.review_id,
    decidedBy: row.decided_by,
    decision: row.decision,
    reason: row.reason,
    at: row.at.toISOString(),
  };
}
