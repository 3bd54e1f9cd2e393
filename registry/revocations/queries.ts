import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function listBlocked(db: RegistryDatabase) {
  return db
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
    .orderBy("versions.plugin")
    .orderBy("versions.version")
    .execute();
}

/** Those that have signed something. Any number can be made and revoked that never did, and tell nobody anything. */
export async function listRevokedKeys(db: RegistryDatabase) {
  return db
    .selectFrom("publisher_keys")
    .select(["publisher", "kid", "until_seq"])
    .where("ended", "=", "revoked")
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("versions")
          .select("versions.version")
          .whereRef("versions.signed_by", "=", "publisher_keys.kid")
          .where(sql<boolean>`starts_with(versions.plugin, publisher_keys.publisher || '/')`),
      ),
    )
    .orderBy("publisher")
    .orderBy("kid")
    .execute();
}
