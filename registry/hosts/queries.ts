import type { JWK } from "jose";
import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function findKey(db: RegistryDatabase, kid: string) {
  return db.selectFrom("host_keys").selectAll().where("kid", "=", kid).executeTakeFirst();
}

export type HostKeyRow = NonNullable<Awaited<ReturnType<typeof findKey>>>;

/** Nobody else shows this key until the transaction ends; there need be no row of it yet. */
export async function holdKey(transaction: RegistryDatabase, kid: string) {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`host key ${kid}`}, 0))`.execute(transaction);
}

export async function lockKey(transaction: RegistryDatabase, kid: string) {
  return transaction
    .selectFrom("host_keys")
    .selectAll()
    .where("kid", "=", kid)
    .forUpdate()
    .executeTakeFirst();
}

export async function insertHost(db: RegistryDatabase, id: string, at: Date) {
  await db.insertInto("hosts").values({ id, created_at: at }).execute();
}

export async function insertKey(
  db: RegistryDatabase,
  key: { kid: string; hostId: string; publicJwk: JWK; at: Date },
) {
  await db
    .insertInto("host_keys")
    .values({
      kid: key.kid,
      host_id: key.hostId,
      public_jwk: JSON.stringify(key.publicJwk),
      created_at: key.at,
      ends_at: null,
    })
    .execute();
}

/** Never later than it ends already. */
export async function endKey(db: RegistryDatabase, kid: string, at: Date) {
  await db
    .updateTable("host_keys")
    .set({ ends_at: at })
    .where("kid", "=", kid)
    .where((where) => where.or([where("ends_at", "is", null), where("ends_at", ">", at)]))
    .execute();
}

export async function rememberToken(
  db: RegistryDatabase,
  token: { caller: string; host_id: string; created_at: Date },
) {
  await db
    .insertInto("host_tokens")
    .values(token)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function tokensOf(db: RegistryDatabase, hostId: string): Promise<string[]> {
  const rows = await db.selectFrom("host_tokens").select("caller").where("host_id", "=", hostId).execute();
  return rows.map(({ caller }) => caller);
}
