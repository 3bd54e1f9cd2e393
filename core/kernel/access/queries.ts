import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";

export async function insertTenant(
  db: Kysely<CoreDatabase>,
  tenant: { id: string; name: string; wrapped_reference_key: string },
) {
  return db
    .insertInto("tenants")
    .values(tenant)
    .returning(["id", "name", "created_at", "erasing_since"])
    .executeTakeFirstOrThrow();
}

export async function listTenants(db: Kysely<CoreDatabase>, page: PageRequest) {
  let query = db
    .selectFrom("tenants")
    .select(["id", "name", "created_at", "erasing_since"])
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  return query.execute();
}

export async function findTenant(db: Kysely<CoreDatabase>, id: string) {
  return db
    .selectFrom("tenants")
    .select(["id", "name", "created_at", "erasing_since"])
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Until the transaction ends. @returns false if it is not there, or being erased */
export async function holdTenant(
  tx: Kysely<CoreDatabase>,
  id: string,
  { alone }: { alone: boolean },
): Promise<boolean> {
  const living = tx
    .selectFrom("tenants")
    .select("id")
    .where("id", "=", id)
    .where("erasing_since", "is", null);
  return (await (alone ? living.forNoKeyUpdate() : living.forShare()).executeTakeFirst()) !== undefined;
}

export async function insertApiKey(
  db: Kysely<CoreDatabase>,
  key: {
    id: string;
    tenant_id: string;
    name: string;
    prefix: string;
    hash: string;
    scopes: string[];
    expires_at: Date | null;
  },
) {
  return db.insertInto("api_keys").values(key).returningAll().executeTakeFirstOrThrow();
}

export async function findApiKeyByHash(db: Kysely<CoreDatabase>, hash: string) {
  return db
    .selectFrom("api_keys")
    .select(["id", "tenant_id", "scopes", "expires_at", "revoked_at"])
    .where("hash", "=", hash)
    .executeTakeFirst();
}

export async function listApiKeys(db: Kysely<CoreDatabase>, tenantId: string, page: PageRequest) {
  let query = db
    .selectFrom("api_keys")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id")
    .limit(page.limit + 1);
  if (page.after !== undefined) query = query.where("id", ">", page.after);
  return query.execute();
}

export async function revokeApiKey(db: Kysely<CoreDatabase>, tenantId: string, id: string) {
  return db
    .updateTable("api_keys")
    .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}
