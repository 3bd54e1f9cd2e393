import { sql } from "kysely";
import type { RegistryDatabase } from "../../tables.ts";

/** What there is to moderate, or was moderated. */
export type Moderated = "held" | "reported" | "hidden" | "removed";

export interface AuditEntry {
  decidedBy: "operator" | "flood-rule" | "publisher-link";
  decision: string;
  reason: string;
  at: Date;
}

/** The table refuses every other change than this. */
export async function appendAudit(
  db: RegistryDatabase,
  reviewId: string,
  { decidedBy, decision, reason, at }: AuditEntry,
) {
  await db
    .insertInto("review_audit")
    .values({ review_id: reviewId, decided_by: decidedBy, decision, reason, at })
    .execute();
}

export async function listModerated(
  db: RegistryDatabase,
  query: { state: Moderated; limit: number; after: string | undefined },
) {
  let rows = db
    .selectFrom("reviews")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy("id")
    .limit(query.limit);
  rows =
    query.state === "reported" ? rows.where("report_count", ">", 0) : rows.where("status", "=", query.state);
  if (query.after !== undefined) rows = rows.where("id", ">", query.after);
  return rows.execute();
}

export async function listRevisions(db: RegistryDatabase, reviewId: string) {
  return db
    .selectFrom("review_revisions")
    .selectAll()
    .where("review_id", "=", reviewId)
    .orderBy("revision")
    .execute();
}

export async function listReports(db: RegistryDatabase, reviewId: string) {
  return db
    .selectFrom("review_reports")
    .selectAll()
    .where("review_id", "=", reviewId)
    .orderBy("at")
    .orderBy("tenant_id")
    .execute();
}

export async function listAuditOf(db: RegistryDatabase, reviewId: string) {
  return db.selectFrom("review_audit").selectAll().where("review_id", "=", reviewId).orderBy("id").execute();
}

/** Newest first. */
export async function listAudit(db: RegistryDatabase, query: { limit: number; before: number | undefined }) {
  let rows = db.selectFrom("review_audit").selectAll().orderBy("id", "desc").limit(query.limit);
  if (query.before !== undefined) rows = rows.where("id", "<", query.before);
  return rows.execute();
}

export async function settleReports(db: RegistryDatabase, reviewId: string, at: Date) {
  await db
    .updateTable("review_reports")
    .set({ settled_at: at })
    .where("review_id", "=", reviewId)
    .where("settled_at", "is", null)
    .execute();
  await db.updateTable("reviews").set({ report_count: sql<number>`0` }).where("id", "=", reviewId).execute();
}
