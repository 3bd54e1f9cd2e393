import type { RegistryDatabase } from "../tables.ts";

/** @returns false where the name is taken */
export async function insertHost(db: RegistryDatabase, name: string, at: Date): Promise<boolean> {
  const row = await db
    .insertInto("host_accounts")
    .values({ name, created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning("name")
    .executeTakeFirst();
  return row !== undefined;
}

export async function findHost(db: RegistryDatabase, name: string) {
  return db.selectFrom("host_accounts").selectAll().where("name", "=", name).executeTakeFirst();
}

export async function listHosts(db: RegistryDatabase) {
  return db.selectFrom("host_accounts").selectAll().orderBy("name").execute();
}

export async function insertToken(
  db: RegistryDatabase,
  token: { id: string; host: string; hash: string; prefix: string; created_at: Date },
) {
  await db
    .insertInto("host_account_tokens")
    .values({ ...token, revoked_at: null })
    .execute();
}

/** Which host a token lets in. */
export async function findHostByToken(db: RegistryDatabase, hash: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("host_account_tokens")
    .select("host")
    .where("hash", "=", hash)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return row?.host;
}

export async function listTokens(db: RegistryDatabase) {
  return db
    .selectFrom("host_account_tokens")
    .select(["id", "host", "prefix", "created_at", "revoked_at"])
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/** Once more is no error. @returns false where the host has no such token */
export async function revokeToken(db: RegistryDatabase, host: string, id: string, at: Date) {
  const row = await db
    .updateTable("host_account_tokens")
    .set((set) => ({ revoked_at: set.fn.coalesce("revoked_at", set.val(at)) }))
    .where("host", "=", host)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function findTenantHost(db: RegistryDatabase, tenantId: string) {
  return db.selectFrom("tenant_hosts").selectAll().where("tenant_id", "=", tenantId).executeTakeFirst();
}

/** Of several hosts at once, one gets it. @returns whether it was this one */
export async function claimTenant(
  db: RegistryDatabase,
  tenantId: string,
  host: string,
  at: Date,
): Promise<boolean> {
  const row = await db
    .insertInto("tenant_hosts")
    .values({ tenant_id: tenantId, host, since: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning("host")
    .executeTakeFirst();
  return row !== undefined;
}

/** Nobody else moves the tenant until the transaction ends. */
export async function lockTenantHost(transaction: RegistryDatabase, tenantId: string) {
  return transaction
    .selectFrom("tenant_hosts")
    .select("host")
    .where("tenant_id", "=", tenantId)
    .forUpdate()
    .executeTakeFirst();
}

export async function setTenantHost(transaction: RegistryDatabase, tenantId: string, host: string, at: Date) {
  await transaction
    .updateTable("tenant_hosts")
    .set({ host, since: at })
    .where("tenant_id", "=", tenantId)
    .execute();
}

/** Whichever key the new host shows first may report their usage from now on. */
export async function releaseInstalls(transaction: RegistryDatabase, tenantId: string) {
  await transaction
    .updateTable("installs")
    .set({ made_by: null, host_id: null })
    .where("tenant_id", "=", tenantId)
    .execute();
}

export async function appendMove(
  transaction: RegistryDatabase,
  move: { tenant_id: string; from_host: string | null; to_host: string; reason: string; at: Date },
) {
  await transaction.insertInto("tenant_moves").values(move).execute();
}

/** Newest first. */
export async function listMoves(db: RegistryDatabase, tenantId: string, limit: number) {
  return db
    .selectFrom("tenant_moves")
    .select(["from_host as from", "to_host as to", "reason", "at"])
    .where("tenant_id", "=", tenantId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}
