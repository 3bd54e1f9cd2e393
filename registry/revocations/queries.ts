import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function listBlocked(db: RegistryDatabase) {
  return (
    db
      .selectFrom("versions")
      .innerJoin("listings", "listings.plugin", "versions.plugin")
      .select([
        "versions.plugin",
        "versions.version",
        "versions.block",
        "versions.tarball_sha512",
        "listings.tenant_id",
      ])
      .where("versions.block", "is not", null)
      // By their bytes, whatever language the database is set to: hosts put the list into the same order.
      .orderBy(sql`versions.plugin collate "C"`)
      .orderBy(sql`versions.version collate "C"`)
      .execute()
  );
}

/** Whether the key of `publisher_keys` has signed a version. */
const hasSigned = sql<boolean>`exists (
  select from ${sql.id("registry", "versions")} signed
  where signed.signed_by = publisher_keys.kid and starts_with(signed.plugin, publisher_keys.publisher || '/'))`;

/** Those that have signed something. Any number can be made and revoked that never did, and tell nobody anything. */
export async function listRevokedKeys(db: RegistryDatabase) {
  return db
    .selectFrom("publisher_keys")
    .select(["publisher", "kid", "until_seq"])
    .where("ended", "=", "revoked")
    .where(hasSigned)
    .orderBy(sql`publisher collate "C"`)
    .orderBy(sql`kid collate "C"`)
    .execute();
}

/**
 * What changed behind a place in the log, the longest ago first, each as it is now.
 *
 * @param page.after the place; `from` and `limit` are for pages: only those with a higher id
 */
export async function listChanges(
  db: RegistryDatabase,
  page: { after: number; from: number; limit: number },
) {
  return db
    .selectFrom("revocation_changes as change")
    .leftJoin("versions", (join) =>
      join
        .on("change.kind", "=", "version")
        .onRef("versions.plugin", "=", "change.owner")
        .onRef("versions.version", "=", "change.name"),
    )
    .leftJoin("listings", "listings.plugin", "versions.plugin")
    .leftJoin("publisher_keys", (join) =>
      join
        .on("change.kind", "=", "key")
        .onRef("publisher_keys.publisher", "=", "change.owner")
        .onRef("publisher_keys.kid", "=", "change.name"),
    )
    .select([
      "change.id",
      "change.kind",
      "change.owner",
      "change.name",
      "versions.block",
      "versions.tarball_sha512",
      "listings.plugin as listing",
      "listings.tenant_id",
      "publisher_keys.until_seq",
      "publisher_keys.ended",
      hasSigned.as("has_signed"),
    ])
    .where("change.seq", ">", page.after)
    .where("change.id", ">", page.from)
    .orderBy("change.id")
    .limit(page.limit)
    .execute();
}
