import type { Selectable } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";
import type { Scope } from "./scopes.ts";

export type AccountRow = Selectable<RegistryTables["accounts"]>;
export type TokenRow = Selectable<RegistryTables["account_tokens"]>;

export async function insertAccount(
  db: RegistryDatabase,
  account: { id: string; display_name: string; created_at: Date },
): Promise<AccountRow> {
  return db.insertInto("accounts").values(account).returningAll().executeTakeFirstOrThrow();
}

export async function findAccount(db: RegistryDatabase, id: string): Promise<AccountRow | undefined> {
  return db.selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function insertToken(
  db: RegistryDatabase,
  token: {
    id: string;
    account_id: string;
    name: string;
    prefix: string;
    hash: string;
    scopes: Scope[];
    publisher: string | null;
    plugins: string[] | null;
    created_at: Date;
    expires_at: Date;
    parent_id: string | null;
  },
): Promise<TokenRow> {
  return db
    .insertInto("account_tokens")
    .values({ ...token, last_used_at: null, revoked_at: null })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Only one that counts at this time. */
export async function findToken(db: RegistryDatabase, hash: string, at: Date): Promise<TokenRow | undefined> {
  return db
    .selectFrom("account_tokens")
    .selectAll()
    .where("hash", "=", hash)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", at)
    .executeTakeFirst();
}

export async function markUsed(
  db: RegistryDatabase,
  id: string,
  { at, unlessAfter }: { at: Date; unlessAfter: Date },
): Promise<void> {
  await db
    .updateTable("account_tokens")
    .set({ last_used_at: at })
    .where("id", "=", id)
    .where((where) => where.or([where("last_used_at", "is", null), where("last_used_at", "<", unlessAfter)]))
    .execute();
}

/** Keeps a token from being revoked until the transaction ends. @returns whether it still counts */
export async function holdToken(transaction: RegistryDatabase, id: string): Promise<boolean> {
  const row = await transaction
    .selectFrom("account_tokens")
    .select("id")
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}

export async function hasPublisher(db: RegistryDatabase, name: string): Promise<boolean> {
  const row = await db.selectFrom("publishers").select("name").where("name", "=", name).executeTakeFirst();
  return row !== undefined;
}

export async function listTokens(
  db: RegistryDatabase,
  accountId: string,
  page: { limit: number; before: string | undefined },
): Promise<TokenRow[]> {
  let rows = db
    .selectFrom("account_tokens")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.before !== undefined) rows = rows.where("id", "<", page.before);
  return rows.execute();
}

/** Revokes a token and all that came of it. @returns whether there is such a token */
export async function revokeToken(
  db: RegistryDatabase,
  { accountId, id, at }: { accountId: string; id: string; at: Date },
): Promise<boolean> {
  let made = [id];
  let isThere = false;
  // One generation after the other: each is found once nobody can add to it any more.
  while (made.length > 0) {
    const revoked = await db
      .updateTable("account_tokens")
      .set(({ fn, val }) => ({ revoked_at: fn.coalesce("revoked_at", val(at)) }))
      .where("id", "in", made)
      .where("account_id", "=", accountId)
      .returning("id")
      .execute();
    isThere ||= revoked.length > 0;
    const ids = revoked.map((row) => row.id);
    made = ids.length === 0 ? [] : await listChildren(db, ids);
  }
  return isThere;
}

async function listChildren(db: RegistryDatabase, ids: string[]): Promise<string[]> {
  const rows = await db.selectFrom("account_tokens").select("id").where("parent_id", "in", ids).execute();
  return rows.map(({ id }) => id);
}
