import { sql } from "kysely";
import type { RegistryDatabase } from "../../tables.ts";

/** Reviews of one plugin by when they were written: within the window, and before it back to `since`. */
export interface ReviewCounts {
  recent: number;
  before: number;
}

/** What was written about a plugin lately, of all and of those that have something in common with a new review. */
export async function countReviews(
  db: RegistryDatabase,
  plugin: string,
  about: { host: string; tenantId: string; since: Date; windowFrom: Date },
) {
  const { host, tenantId, since, windowFrom } = about;
  const counts = (which: ReturnType<typeof sql<boolean>>) => ({
    recent: sql<number>`(count(*) filter (where ${which} and created_at > ${windowFrom}))::int`,
    before: sql<number>`(count(*) filter (where ${which} and created_at <= ${windowFrom} and status = 'visible'))::int`,
  });
  const all = counts(sql<boolean>`true`);
  const ofHost = counts(sql<boolean>`host = ${host}`);
  const ofTenant = counts(sql<boolean>`tenant_id = ${tenantId}`);
  const ofNewcomers = counts(sql<boolean>`newcomer`);
  return db
    .selectFrom("reviews")
    .select([
      all.recent.as("recent"),
      all.before.as("before"),
      ofHost.recent.as("host_recent"),
      ofHost.before.as("host_before"),
      ofTenant.recent.as("tenant_recent"),
      ofTenant.before.as("tenant_before"),
      ofNewcomers.recent.as("newcomers_recent"),
      ofNewcomers.before.as("newcomers_before"),
    ])
    .where("plugin", "=", plugin)
    .where("created_at", ">", since)
    .executeTakeFirstOrThrow();
}
