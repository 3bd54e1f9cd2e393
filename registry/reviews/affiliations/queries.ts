import { sql } from "kysely";
import type { RegistryDatabase } from "../../tables.ts";

export async function isLinked(db: RegistryDatabase, publisher: string, tenantId: string): Promise<boolean> {
  const row = await db
    .selectFrom("publisher_tenants")
    .select("tenant_id")
    .where("publisher", "=", publisher)
    .where("tenant_id", "=", tenantId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Nobody writes about the publisher's plugins until the transaction ends. */
export async function lockPublisher(transaction: RegistryDatabase, publisher: string) {
  await transaction
    .selectFrom("publishers")
    .select("name")
    .where("name", "=", publisher)
    .forUpdate()
    .execute();
}

export async function insertLink(db: RegistryDatabase, publisher: string, tenantId: string, at: Date) {
  await db
    .insertInto("publisher_tenants")
    .values({ publisher, tenant_id: tenantId, linked_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function deleteLink(db: RegistryDatabase, publisher: string, tenantId: string) {
  await db
    .deleteFrom("publisher_tenants")
    .where("publisher", "=", publisher)
    .where("tenant_id", "=", tenantId)
    .execute();
}

export async function listLinked(db: RegistryDatabase, publisher: string): Promise<string[]> {
  const rows = await db
    .selectFrom("publisher_tenants")
    .select("tenant_id")
    .where("publisher", "=", publisher)
    .orderBy("tenant_id")
    .execute();
  return rows.map(({ tenant_id }) => tenant_id);
}

/** What a tenant has said of a publisher's plugins and is not taken down yet, in the order in which plugins are locked. */
export async function listReviewsOf(db: RegistryDatabase, publisher: string, tenantId: string) {
  return db
    .selectFrom("reviews")
    .select(["id", "plugin"])
    .where("tenant_id", "=", tenantId)
    .where("plugin", "like", `${publisher}/%`)
    .where("status", "in", ["visible", "held"])
    .orderBy("plugin")
    .orderBy("id")
    .execute();
}

/** Takes the tenant's votes on reviews of the publisher's plugins back. */
export async function deleteVotesOf(db: RegistryDatabase, publisher: string, tenantId: string) {
  await db
    .with("gone", (query) =>
      query
        .deleteFrom("review_votes")
        .using("reviews")
        .whereRef("reviews.id", "=", "review_votes.review_id")
        .where("reviews.plugin", "like", `${publisher}/%`)
        .where("review_votes.tenant_id", "=", tenantId)
        .returning("review_votes.review_id"),
    )
    .with("counts", (query) =>
      query
        .selectFrom("gone")
        .select(["review_id", sql<number>`count(*)::int`.as("votes")])
        .groupBy("review_id"),
    )
    .updateTable("reviews")
    .from("counts")
    .set({ helpful_count: sql<number>`helpful_count - counts.votes` })
    .whereRef("reviews.id", "=", "counts.review_id")
    .execute();
}
