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

export async function listRevokedKeys(db: RegistryDatabase) {
  return db
    .selectFrom("publisher_keys")
    .select(["publisher", "kid", "until_seq"])
    .where("ended", "=", "revoked")
    .orderBy("publisher")
    .orderBy("kid")
    .execute();
}
