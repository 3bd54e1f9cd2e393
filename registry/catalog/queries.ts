import type { Insertable } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";

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

export type NewListing = Omit<Insertable<RegistryTables["listings"]>, "tenant_id" | "changed_in">;

/** Writes the plugin's one row, and one to count in; the time of its first publication stays. */
export async function upsertListing(db: RegistryDatabase, listing: NewListing) {
  const { plugin, publisher, created_at, ...changing } = listing;
  await db
    .insertInto("listings")
    .values({ ...listing, tenant_id: null })
    .onConflict((conflict) => conflict.column("plugin").doUpdateSet(changing))
    .execute();
  await db
    .insertInto("plugin_statistics")
    .values({ plugin_id: plugin })
    .onConflict((conflict) => conflict.column("plugin_id").doNothing())
    .execute();
}

export async function findListing(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("listings")
    .innerJoin("publishers", "publishers.name", "listings.publisher")
    .innerJoin("plugin_statistics", "plugin_statistics.plugin_id", "listings.plugin")
    .select([
      "listings.plugin",
      "listings.publisher",
      "listings.latest_version",
      "listings.created_at",
      "listings.updated_at",
      "publishers.verified",
      "plugin_statistics.installs_active",
      "plugin_statistics.rating_sum",
      "plugin_statistics.rating_count",
    ])
    .where("listings.plugin", "=", plugin)
    .executeTakeFirst();
}
