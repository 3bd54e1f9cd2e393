import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";

type Db = Kysely<CoreDatabase>;

export interface RequestRow {
  fingerprint: string;
  /** JSON; null while it is under way. */
  reply: string | null;
}

/** @returns the request that has the key already; undefined when it is this one's from now on */
export async function claimKey(
  db: Db,
  request: { tenantId: string; key: string; fingerprint: string },
): Promise<RequestRow | undefined> {
  const { tenantId: tenant_id, key, fingerprint } = request;
  const claimed = await db
    .insertInto("idempotent_requests")
    .values({ tenant_id, key, fingerprint })
    .onConflict((conflict) => conflict.doNothing())
    .returning("key")
    .executeTakeFirst();
  if (claimed) return undefined;
  return db
    .selectFrom("idempotent_requests")
    .select(["fingerprint", "reply"])
    .where("tenant_id", "=", tenant_id)
    .where("key", "=", key)
    .executeTakeFirst();
}

export async function keepReply(db: Db, tenantId: string, key: string, reply: object): Promise<void> {
  await db
    .updateTable("idempotent_requests")
    .set({ reply: JSON.stringify(reply) })
    .where("tenant_id", "=", tenantId)
    .where("key", "=", key)
    .execute();
}

export async function freeKey(db: Db, tenantId: string, key: string): Promise<void> {
  await db
    .deleteFrom("idempotent_requests")
    .where("tenant_id", "=", tenantId)
    .where("key", "=", key)
    .where("reply", "is", null)
    .execute();
}

/** @returns how many */
export async function deleteOldRequests(db: Db, hours: number, most: number): Promise<number> {
  const old = db
    .selectFrom("idempotent_requests")
    .select(["tenant_id", "key"])
    .where("created_at", "<", sql<Date>`now() - make_interval(hours => ${hours})`)
    .limit(most)
    .forUpdate()
    .skipLocked();
  const { numDeletedRows } = await db
    .deleteFrom("idempotent_requests")
    .where(({ eb, refTuple }) => eb(refTuple("tenant_id", "key"), "in", old.$asTuple("tenant_id", "key")))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
