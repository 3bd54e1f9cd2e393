import type { RegistryDatabase } from "../tables.ts";

export async function listBlocked(db: RegistryDatabase) {
  return db
    .selectFrom("versions")
    .select(["plugin", "version", "block"])
    .where("block", "is not", null)
    .orderBy("plugin")
    .orderBy("version")
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
