import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export interface NewVersion {
  plugin: string;
  version: string;
  seq: number;
  publication_id: string;
  manifest: string;
  manifest_sha512: string;
  permissions: string;
  consent: string;
  tarball_sha512: string;
  size: number;
  registry_jws: string;
  signed_by: string;
  published_at: Date;
}

export async function insertVersion(db: RegistryDatabase, version: NewVersion) {
  await db
    .insertInto("versions")
    .values({ ...version, yanked_at: null })
    .execute();
}

export async function listVersions(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("versions")
    .select(["version", "size", "tarball_sha512", "published_at", "yanked_at", "deprecation", "block"])
    .where("plugin", "=", plugin)
    .execute();
}

export async function findVersion(db: RegistryDatabase, plugin: string, version: string) {
  return db
    .selectFrom("versions")
    .selectAll()
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .executeTakeFirst();
}

export async function findSignatures(db: RegistryDatabase, plugin: string, version: string) {
  return db
    .selectFrom("versions")
    .innerJoin("publications", "publications.id", "versions.publication_id")
    .select(({ selectFrom }) => [
      "publications.statement_jws",
      "versions.registry_jws",
      selectFrom("delegations")
        .select("delegations.jws")
        .whereRef("delegations.publisher", "=", "publications.publisher")
        .orderBy("delegations.seq", "desc")
        .limit(1)
        .as("delegation"),
    ])
    .where("versions.plugin", "=", plugin)
    .where("versions.version", "=", version)
    .executeTakeFirst();
}

export interface NewListing {
  plugin: string;
  publisher: string;
  latest_version: string;
  display_name: string;
  description: string;
  categories: string[];
  keywords: string[];
  pricing: string;
  names: string;
  created_at: Date;
  updated_at: Date;
}

/** Writes the plugin's one row; the time of its first publication stays. */
export async function upsertListing(
  db: RegistryDatabase,
  listing: NewListing,
  entry: { vector: string; prose: string },
) {
  const words = sql<string>`${entry.vector}::tsvector || to_tsvector('english', ${entry.prose})`;
  const { plugin, publisher, created_at, ...changing } = listing;
  await db
    .insertInto("listings")
    .values({ ...listing, words })
    .onConflict((conflict) => conflict.column("plugin").doUpdateSet({ ...changing, words }))
    .execute();
}

export async function findListing(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("listings")
    .innerJoin("publishers", "publishers.name", "listings.publisher")
    .select([
      "listings.plugin",
      "listings.publisher",
      "listings.latest_version",
      "listings.created_at",
      "listings.updated_at",
      "publishers.verified",
    ])
    .where("listings.plugin", "=", plugin)
    .executeTakeFirst();
}
