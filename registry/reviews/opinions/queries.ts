import { sql } from "kysely";
import type { RegistryDatabase } from "../../tables.ts";
import type { Author } from "../author.ts";

/** @returns whether the author had not voted yet */
export async function insertVote(db: RegistryDatabase, reviewId: string, author: Author, at: Date) {
  const inserted = await db
    .insertInto("review_votes")
    .values({ review_id: reviewId, tenant_id: author.tenantId, author: author.reference, at })
    .onConflict((conflict) => conflict.doNothing())
    .returning("review_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** @returns whether the author had voted */
export async function deleteVote(db: RegistryDatabase, reviewId: string, author: Author) {
  const deleted = await db
    .deleteFrom("review_votes")
    .where("review_id", "=", reviewId)
    .where("tenant_id", "=", author.tenantId)
    .where("author", "=", author.reference)
    .returning("review_id")
    .executeTakeFirst();
  return deleted !== undefined;
}

export async function addHelpful(db: RegistryDatabase, reviewId: string, votes: 1 | -1) {
  await db
    .updateTable("reviews")
    .set({ helpful_count: sql<number>`helpful_count + ${votes}` })
    .where("id", "=", reviewId)
    .execute();
}

/** @returns whether the author had not reported the review yet */
export async function insertReport(
  db: RegistryDatabase,
  reviewId: string,
  author: Author,
  report: { reason: string; note: string; at: Date },
) {
  const inserted = await db
    .insertInto("review_reports")
    .values({
      review_id: reviewId,
      tenant_id: author.tenantId,
      author: author.reference,
      ...report,
      settled_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("review_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function addReport(db: RegistryDatabase, reviewId: string) {
  await db
    .updateTable("reviews")
    .set({ report_count: sql<number>`report_count + 1` })
    .where("id", "=", reviewId)
    .execute();
}
