import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

/** All versions of a plugin, with whose it is; what they contribute is left out, being large. */
export async function listVersions(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("versions")
    .innerJoin("listings", "listings.plugin", "versions.plugin")
    .select([
      "listings.tenant_id as owner",
      "versions.version",
      "versions.permissions",
      "versions.consent",
      "versions.published_at",
      "versions.yanked_at",
      "versions.deprecation",
      "versions.block",
      sql<Pricing | null>`versions.manifest -> 'pricing'`.as("pricing"),
      sql<string>`versions.manifest -> 'engines' ->> 'plugboard'`.as("host_range"),
    ])
    .where("versions.plugin", "=", plugin)
    .execute();
}

export type VersionRow = Awaited<ReturnType<typeof listVersions>>[number];

/** Those of them whose tenants the host speaks for. */
export async function findActive(
  db: RegistryDatabase,
  { plugin, ids, host }: { plugin: string; ids: string[]; host: string },
) {
  return db
    .selectFrom("installs")
    .innerJoin("tenant_hosts", "tenant_hosts.tenant_id", "installs.tenant_id")
    .select(["installs.id", "installs.tenant_id", "installs.version"])
    .where("installs.plugin", "=", plugin)
    .where("installs.status", "=", "active")
    .where("tenant_hosts.host", "=", host)
    .where("installs.id", "in", ids)
    .execute();
}
