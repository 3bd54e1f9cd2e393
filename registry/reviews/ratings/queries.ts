import { sql } from "kysely";
import type { RegistryDatabase } from "../../tables.ts";
import type { Prior } from "./rating.ts";

/** Nobody else changes reviews of the plugin until the transaction ends. @returns how many gave 1 to 5 stars */
export async function lockStars(transaction: RegistryDatabase, plugin: string): Promise<number[]> {
  await transaction
    .insertInto("plugin_ratings")
    .values({ plugin })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { stars } = await transaction
    .selectFrom("plugin_ratings")
    .select("stars")
    .where("plugin", "=", plugin)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return stars;
}

export async function findStars(db: RegistryDatabase, plugin: string): Promise<number[] | undefined> {
  const row = await db
    .selectFrom("plugin_ratings")
    .select("stars")
    .where("plugin", "=", plugin)
    .executeTakeFirst();
  return row?.stars;
}

export async function setStars(db: RegistryDatabase, plugin: string, stars: number[]) {
  await db.updateTable("plugin_ratings").set({ stars }).where("plugin", "=", plugin).execute();
}

/** What search and listings read. */
export async function setRating(
  db: RegistryDatabase,
  plugin: string,
  rating: { sum: number; count: number; score: number; at: Date },
) {
  const columns = {
    rating_sum: rating.sum,
    rating_count: rating.count,
    rating_score: rating.score,
    updated_at: rating.at,
  };
  await db
    .insertInto("plugin_statistics")
    .values({ plugin_id: plugin, ...columns })
    .onConflict((conflict) => conflict.column("plugin_id").doUpdateSet(columns))
    .execute();
}

/** After the prior was set anew: no score is left from the one before. */
export async function rescore(db: RegistryDatabase, { priorMean, priorWeight }: Prior) {
  const score = sql<number>`((${priorMean * priorWeight}::float8 + rating_sum) / (${priorWeight}::float8 + rating_count))::real`;
  await db
    .updateTable("plugin_statistics")
    .set({ rating_score: score })
    .where("rating_count", ">", 0)
    .where(sql<boolean>`rating_score is distinct from ${score}`)
    .execute();
}
