import { type Insertable, type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";

type Db = Kysely<CoreDatabase>;

/** @returns whether it is ours now; somebody else may hold it */
export async function takeRenewal(
  db: Db,
  connectionId: string,
  token: string,
  forMs: number,
): Promise<boolean> {
  const expires_at = sql<Date>`now() + make_interval(secs => ${forMs / 1000})`;
  const taken = await db
    .insertInto("credential_renewals")
    .values({ connection_id: connectionId, token, expires_at })
    .onConflict((conflict) =>
      conflict
        .column("connection_id")
        .doUpdateSet({ token, expires_at })
        .where("credential_renewals.expires_at", "<=", sql<Date>`now()`),
    )
    .returning("token")
    .executeTakeFirst();
  return taken !== undefined;
}

/** @returns whether it was still ours; nothing is changed if it was not */
export async function extendRenewal(
  db: Db,
  connectionId: string,
  token: string,
  forMs: number,
): Promise<boolean> {
  const extended = await db
    .updateTable("credential_renewals")
    .set({ expires_at: sql<Date>`now() + make_interval(secs => ${forMs / 1000})` })
    .where("connection_id", "=", connectionId)
    .where("token", "=", token)
    .returning("token")
    .executeTakeFirst();
  return extended !== undefined;
}

export async function findCredentialVersion(db: Db, connectionId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom("connections")
    .select("credential_version")
    .where("id", "=", connectionId)
    .executeTakeFirst();
  return row?.credential_version;
}

export async function endRenewal(db: Db, connectionId: string, token: string): Promise<void> {
  await db
    .deleteFrom("credential_renewals")
    .where("connection_id", "=", connectionId)
    .where("token", "=", token)
    .execute();
}

export async function insertFlow(
  db: Db,
  flow: Omit<Insertable<CoreDatabase["oauth_flows"]>, "expires_at">,
  seconds: number,
): Promise<Date> {
  const { expires_at } = await db
    .insertInto("oauth_flows")
    .values({ ...flow, expires_at: sql<Date>`now() + make_interval(secs => ${seconds})` })
    .returning("expires_at")
    .executeTakeFirstOrThrow();
  return expires_at;
}

/** Of a tenant's flows those that are open: how many, and in how many seconds the first of them ends. */
export async function countOpenFlows(
  db: Db,
  tenantId: string,
): Promise<{ count: number; firstEndsInSeconds: number | null }> {
  return db
    .selectFrom("oauth_flows")
    .select((eb) => [
      eb.fn.countAll<number>().as("count"),
      sql<number | null>`ceil(extract(epoch from min(expires_at) - now()))::integer`.as("firstEndsInSeconds"),
    ])
    .where("tenant_id", "=", tenantId)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirstOrThrow();
}

/** Takes the flow away: whoever comes second with the same state finds nothing. */
export async function takeFlow(db: Db, stateHash: string) {
  return db
    .deleteFrom("oauth_flows")
    .where("state_hash", "=", stateHash)
    .returningAll()
    .returning(sql<boolean>`expires_at > now()`.as("is_open"))
    .executeTakeFirst();
}

export async function deleteOldFlows(db: Db): Promise<number> {
  const deleted = await db
    .deleteFrom("oauth_flows")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** Whether the key that began a flow still holds. */
export async function isKeyGood(db: Db, tenantId: string, keyId: string): Promise<boolean> {
  const row = await db
    .selectFrom("api_keys")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .where("id", "=", keyId)
    .where("revoked_at", "is", null)
    .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", sql<Date>`now()`)]))
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertRevocation(
  db: Db,
  revocation: Insertable<CoreDatabase["token_revocations"]>,
): Promise<void> {
  await db.insertInto("token_revocations").values(revocation).execute();
}

export async function findRevocation(db: Db, tenantId: string, id: string) {
  return db
    .selectFrom("token_revocations")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .executeTakeFirst();
}

export async function deleteRevocation(db: Db, tenantId: string, id: string): Promise<void> {
  await db.deleteFrom("token_revocations").where("tenant_id", "=", tenantId).where("id", "=", id).execute();
}

/** Those that nobody could carry out for so long that nobody will. */
export async function deleteOldRevocations(db: Db, days: number): Promise<number> {
  const deleted = await db
    .deleteFrom("token_revocations")
    .where("created_at", "<", sql<Date>`now() - make_interval(days => ${days})`)
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
