import { sql } from "kysely";
import type { ReviewChange, ReviewStatus } from "../review-tables.ts";
import type { RegistryDatabase } from "../tables.ts";
import { isVisibleTo, type Viewer } from "../visibility.ts";
import type { Author } from "./author.ts";
import type { ReviewText } from "./text.ts";

export async function isListed(db: RegistryDatabase, plugin: string, viewer: Viewer): Promise<boolean> {
  const row = await db
    .selectFrom("listings")
    .select("plugin")
    .where("plugin", "=", plugin)
    .where(isVisibleTo(viewer))
    .executeTakeFirst();
  return row !== undefined;
}

/** Who belongs to the publisher stays as it is until the transaction ends. */
export async function holdPublisher(transaction: RegistryDatabase, publisher: string) {
  await transaction
    .selectFrom("publishers")
    .select("name")
    .where("name", "=", publisher)
    .forShare()
    .execute();
}

/** The tenant's active install; it cannot be ended before the transaction is. */
export async function holdInstall(transaction: RegistryDatabase, tenantId: string, plugin: string) {
  return transaction
    .selectFrom("installs")
    .select(["version", "created_at"])
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("status", "=", "active")
    .forShare()
    .executeTakeFirst();
}

/** Also one that was deleted, or taken down. */
export async function findOfAuthor(db: RegistryDatabase, plugin: string, author: Author) {
  return db
    .selectFrom("reviews")
    .selectAll()
    .where("plugin", "=", plugin)
    .where("tenant_id", "=", author.tenantId)
    .where("author", "=", author.reference)
    .executeTakeFirst();
}

export type ReviewRow = NonNullable<Awaited<ReturnType<typeof findOfAuthor>>>;

/** Also one that was deleted, or taken down. */
export async function findReview(db: RegistryDatabase, id: string): Promise<ReviewRow | undefined> {
  return db.selectFrom("reviews").selectAll().where("id", "=", id).executeTakeFirst();
}

/** One that everybody sees. */
export async function findVisible(db: RegistryDatabase, plugin: string, id: string) {
  const row = await findReview(db, id);
  return row?.plugin === plugin && row.status === "visible" && !row.deleted_at ? row : undefined;
}

export type NewReview = Pick<
  ReviewRow,
  | "id"
  | "plugin"
  | "tenant_id"
  | "author"
  | "author_name"
  | "host"
  | "newcomer"
  | "version"
  | "rating"
  | "title"
  | "body"
  | "status"
  | "created_at"
>;

/** Takes the place of one that its author deleted. */
export async function putReview(db: RegistryDatabase, review: NewReview): Promise<ReviewRow> {
  const { id, plugin, tenant_id, author, ...facts } = review;
  const blank = { edited_at: null, deleted_at: null, reply: null, replied_at: null };
  return db
    .insertInto("reviews")
    .values({ ...review, ...blank, reply_signed_at: null })
    .onConflict((conflict) =>
      conflict.columns(["plugin", "tenant_id", "author"]).doUpdateSet({ ...facts, ...blank }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function changeReview(
  db: RegistryDatabase,
  id: string,
  change: Partial<Omit<ReviewRow, "id" | "plugin" | "tenant_id" | "author">>,
): Promise<ReviewRow> {
  return db.updateTable("reviews").set(change).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
}

export async function appendRevision(
  db: RegistryDatabase,
  { id, version, rating, title, body, author_name }: ReviewRow,
  { change, at }: { change: ReviewChange; at: Date },
) {
  const revision = (await countRevisions(db, id)) + 1;
  await db
    .insertInto("review_revisions")
    .values({ review_id: id, revision, change, version, author_name, rating, title, body, at })
    .execute();
}

/** @param since all of them, if undefined */
export async function countRevisions(db: RegistryDatabase, id: string, since?: Date): Promise<number> {
  let rows = db
    .selectFrom("review_revisions")
    .select(sql<number>`count(*)::int`.as("revisions"))
    .where("review_id", "=", id);
  if (since) rows = rows.where("at", ">", since);
  return (await rows.executeTakeFirstOrThrow()).revisions;
}

export async function deleteVotes(db: RegistryDatabase, id: string) {
  await db.deleteFrom("review_votes").where("review_id", "=", id).execute();
}

export async function listOfAuthor(
  db: RegistryDatabase,
  author: Author,
  query: { plugin: string | undefined; limit: number; after: string | undefined },
): Promise<ReviewRow[]> {
  let rows = db
    .selectFrom("reviews")
    .selectAll()
    .where("tenant_id", "=", author.tenantId)
    .where("author", "=", author.reference)
    .where("deleted_at", "is", null)
    .orderBy("id")
    .limit(query.limit);
  if (query.plugin !== undefined) rows = rows.where("plugin", "=", query.plugin);
  if (query.after !== undefined) rows = rows.where("id", ">", query.after);
  return rows.execute();
}

export type ReviewSort = "helpful" | "newest" | "highest" | "lowest";

/** Where a page of a list ended. `value` is what the list is sorted by first; `newest` has none before the time. */
export interface ReviewPosition {
  value: number;
  createdAt: string;
  id: string;
}

/** What a list is sorted by first, the highest on top; then the newest. */
const sortedBy = {
  helpful: sql<number>`helpful_count`,
  newest: sql<number>`0`,
  highest: sql<number>`rating`,
  lowest: sql<number>`-rating`,
};

export async function listVisible(
  db: RegistryDatabase,
  plugin: string,
  query: {
    sort: ReviewSort;
    stars: number | undefined;
    version: string | undefined;
    limit: number;
    after: ReviewPosition | undefined;
  },
): Promise<(ReviewRow & { value: number })[]> {
  const value = sortedBy[query.sort];
  let rows = db
    .selectFrom("reviews")
    .selectAll()
    .select(sql<number>`(${value})::int`.as("value"))
    .where("plugin", "=", plugin)
    .where("status", "=", "visible")
    .where("deleted_at", "is", null)
    .limit(query.limit);
  if (query.sort !== "newest") rows = rows.orderBy(value, "desc");
  rows = rows.orderBy("created_at", "desc").orderBy("id", "desc");
  if (query.stars !== undefined) rows = rows.where("rating", "=", query.stars);
  if (query.version !== undefined) rows = rows.where("version", "=", query.version);
  if (query.after) {
    const { after } = query;
    const [here, there] =
      query.sort === "newest"
        ? [sql`(created_at, id)`, sql`(${after.createdAt}::timestamptz, ${after.id})`]
        : [
            sql`(${value}, created_at, id)`,
            sql`(${after.value}::int, ${after.createdAt}::timestamptz, ${after.id})`,
          ];
    rows = rows.where(sql<boolean>`${here} < ${there}`);
  }
  return rows.execute();
}

/** What stood of an author's review when they began to change it. */
export function textOf(row: ReviewRow): ReviewText {
  return { rating: row.rating, title: row.title, body: row.body, authorName: row.author_name };
}

/** The stars that a review counts with; null while it does not count. */
export function countedStars(row: {
  status: ReviewStatus;
  deleted_at: Date | null;
  rating: number;
}): number | null {
  return row.status === "visible" && row.deleted_at === null ? row.rating : null;
}
