import { type RawBuilder, sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";
import { toPrefixQuery } from "./words.ts";

function listings(db: RegistryDatabase) {
  return db
    .selectFrom("listings")
    .innerJoin("publishers", "publishers.name", "listings.publisher")
    .select([
      "listings.plugin",
      "listings.publisher",
      "listings.latest_version",
      "listings.display_name",
      "listings.description",
      "listings.categories",
      "listings.keywords",
      "listings.pricing",
      "listings.created_at",
      "listings.updated_at",
      "publishers.verified",
    ]);
}

export type ListingRow = Awaited<ReturnType<ReturnType<typeof listings>["execute"]>>[number];

/** Where a page of all listings starts. */
export interface Age {
  createdAt: Date;
  plugin: string;
}

/** The newest plugins first. The time of a plugin's first publication never changes, so pages never shift. */
export async function listNewest(
  db: RegistryDatabase,
  page: { limit: number; after: Age | undefined },
): Promise<ListingRow[]> {
  const { after } = page;
  let query = listings(db)
    .orderBy("listings.created_at", "desc")
    .orderBy("listings.plugin")
    .limit(page.limit);
  if (after) {
    query = query.where(({ or, and, eb }) =>
      or([
        eb("listings.created_at", "<", after.createdAt),
        and([eb("listings.created_at", "=", after.createdAt), eb("listings.plugin", ">", after.plugin)]),
      ]),
    );
  }
  return query.execute();
}

/** Where a listing stands among the answers: the lower tier first, then the higher score, then by id. */
export interface Rank {
  tier: number;
  /** A whole number, so that a cursor holds it exactly. */
  score: number;
  plugin: string;
}

export interface RankedPage {
  limit: number;
  after: Rank | undefined;
}

/**
 * Listings that have every word, its beginning, or another form of the same English word. Tier 0 is the exact id,
 * tier 1 the exact name, tier 2 the rest.
 *
 * @param query.words letters and digits only, at least one
 * @param query.id what an exact `publisher/name` would be
 * @param query.name what an exact name without its publisher would be
 */
export async function listMatching(
  db: RegistryDatabase,
  query: { words: string[]; id: string; name: string },
  page: RankedPage,
): Promise<(ListingRow & Rank)[]> {
  const each = query.words.map(
    (word) => sql`(${toPrefixQuery(word)}::tsquery || plainto_tsquery('english', ${word}))`,
  );
  const asked = sql`(${sql.join(each, sql` && `)})`;
  return rankedPage(db, page, {
    matches: sql<boolean>`listings.words @@ ${asked}`,
    tier: sql<number>`case when listings.plugin = ${query.id} then 0
                           when split_part(listings.plugin, '/', 2) = ${query.name} then 1
                           else 2 end`,
    score: sql<number>`(ts_rank(listings.words, ${asked}) * 1000000)::integer`,
  });
}

/** Listings with a name like these words, for a query with a typing error. Needs pg_trgm. */
export async function listResembling(
  db: RegistryDatabase,
  words: string,
  page: RankedPage,
): Promise<(ListingRow & Rank)[]> {
  return db.transaction().execute(async (transaction) => {
    // The operator, unlike the function, can use the index; its threshold is a setting. The planner takes it for
    // cheap, and would rather compare every row: 90 ms instead of 2 with 10,000 listings.
    await sql`
      select set_config('pg_trgm.word_similarity_threshold', '0.45', true), set_config('enable_seqscan', 'off', true)
    `.execute(transaction);
    return rankedPage(transaction, page, {
      matches: sql<boolean>`${words}::text operator(public.<%) listings.names`,
      tier: sql<number>`3`,
      score: sql<number>`(public.word_similarity(${words}::text, listings.names) * 1000000)::integer`,
    });
  });
}

export async function hasTrigrams(db: RegistryDatabase): Promise<boolean> {
  const { rows } = await sql`
    select from pg_extension where extname = 'pg_trgm' and extnamespace = 'public'::regnamespace`.execute(db);
  return rows.length > 0;
}

function rankedPage(
  db: RegistryDatabase,
  page: RankedPage,
  rank: { matches: RawBuilder<boolean>; tier: RawBuilder<number>; score: RawBuilder<number> },
) {
  const { after } = page;
  // Ranked narrow: what a page shows is read for its own rows alone, not for all that match.
  const found = db
    .selectFrom("listings")
    .where(rank.matches)
    .select(["plugin", rank.tier.as("tier"), rank.score.as("score")]);
  let ranked = db
    .selectFrom(found.as("found"))
    .selectAll()
    .orderBy("tier")
    .orderBy("score", "desc")
    .orderBy("plugin")
    .limit(page.limit);
  if (after) {
    const { tier, score, plugin } = after;
    ranked = ranked.where(
      sql<boolean>`(tier, -score, plugin) > (${tier}::integer, ${-score}::integer, ${plugin}::text)`,
    );
  }
  return listings(db)
    .innerJoin(ranked.as("ranked"), "ranked.plugin", "listings.plugin")
    .select(["ranked.tier", "ranked.score"])
    .orderBy("ranked.tier")
    .orderBy("ranked.score", "desc")
    .orderBy("ranked.plugin")
    .execute();
}
