import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import { after } from "./part-queries.ts";

type Db = Kysely<CoreDatabase>;

export interface RequestRow {
  fingerprint: string;
  /** JSON; null while it is under way. */
  reply: string | null;
}

/**
 * Takes a key. Of several who try at once one gets it, and the others its row.
 * @returns the request that has the key already; or how many the tenant has, this one included, which has it from now on
 */
export async function claimKey(
  db: Db,
  request: { tenantId: string; key: string; fingerprint: string; resumableAfterMs: number | undefined },
): Promise<{ first: RequestRow } | { kept: number }> {
  for (;;) {
    const claimed = await insertRequest(db, request);
    if (claimed) return { kept: Number(claimed.requests) };
    const first = await db
      .selectFrom("idempotent_requests")
      .select(["fingerprint", "reply"])
      .where("tenant_id", "=", request.tenantId)
      .where("key", "=", request.key)
      .executeTakeFirst();
    if (first) return { first };
    // Freed between the two looks: whoever comes first has it now.
  }
}

async function insertRequest(
  db: Db,
  { tenantId: tenant_id, key, fingerprint, resumableAfterMs }: Parameters<typeof claimKey>[1],
): Promise<{ requests: number } | undefined> {
  return db
    .with("claimed", (tx) =>
      tx
        .insertInto("idempotent_requests")
        .values({
          tenant_id,
          key,
          fingerprint,
          resumable_at: resumableAfterMs === undefined ? null : after(resumableAfterMs),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning("tenant_id"),
    )
    .with("counted", (tx) =>
      tx
        .insertInto("idempotency_usage")
        .columns(["tenant_id", "requests", "reply_bytes"])
        .expression(
          tx
            .selectFrom("claimed")
            .select(["tenant_id", sql<number>`1`.as("requests"), sql<number>`0`.as("reply_bytes")]),
        )
        .onConflict((conflict) =>
          conflict.column("tenant_id").doUpdateSet({ requests: sql<number>`idempotency_usage.requests + 1` }),
        )
        .returning("requests"),
    )
    .selectFrom("counted")
    .select("requests")
    .executeTakeFirst();
}

/**
 * Keeps a reply, or `instead` where the tenant has no room for it. The room is looked at without a lock, which would have
 * all of a tenant's calls wait for each other: those that end at the same time may pass the bound together, by one reply
 * of each at most. What they take is counted, so the next one finds no room.
 */
export async function keepReply(
  db: Db,
  { tenantId, key, attempt }: { tenantId: string; key: string; attempt: number },
  reply: { text: string; instead: string; mostBytes: number },
): Promise<void> {
  const bytes = Buffer.byteLength(reply.text);
  await db
    .with("kept", (tx) =>
      tx
        .updateTable("idempotent_requests")
        .set(({ selectFrom }) => ({
          reply: sql<string>`case when ${selectFrom("idempotency_usage")
            .select("reply_bytes")
            .where("tenant_id", "=", tenantId)} + ${bytes} <= ${reply.mostBytes}
            then ${reply.text} else ${reply.instead} end`,
        }))
        .where("tenant_id", "=", tenantId)
        .where("key", "=", key)
        .where("attempt", "=", attempt)
        .where("reply", "is", null)
        .returning(["tenant_id", sql<number>`octet_length(reply)`.as("bytes")]),
    )
    .updateTable("idempotency_usage")
    .from("kept")
    .set({ reply_bytes: sql<number>`idempotency_usage.reply_bytes + kept.bytes` })
    .whereRef("idempotency_usage.tenant_id", "=", "kept.tenant_id")
    .execute();
}

export async function freeKey(db: Db, { tenantId, key }: { tenantId: string; key: string }): Promise<void> {
  await db
    .with("freed", (tx) =>
      tx
        .deleteFrom("idempotent_requests")
        .where("tenant_id", "=", tenantId)
        .where("key", "=", key)
        .where("reply", "is", null)
        .returning("tenant_id"),
    )
    .updateTable("idempotency_usage")
    .from("freed")
    .set({ requests: sql<number>`idempotency_usage.requests - 1` })
    .whereRef("idempotency_usage.tenant_id", "=", "freed.tenant_id")
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
  const { deleted } = await db
    .with("gone", (tx) =>
      tx
        .deleteFrom("idempotent_requests")
        .where(({ eb, refTuple }) => eb(refTuple("tenant_id", "key"), "in", old.$asTuple("tenant_id", "key")))
        .returning(["tenant_id", sql<number>`coalesce(octet_length(reply), 0)`.as("bytes")]),
    )
    .with("sums", (tx) =>
      tx
        .selectFrom("gone")
        .select(({ fn }) => [
          "tenant_id",
          fn.countAll<number>().as("requests"),
          fn.sum<number>("bytes").as("bytes"),
        ])
        .groupBy("tenant_id"),
    )
    .with("counted", (tx) =>
      tx
        .updateTable("idempotency_usage")
        .from("sums")
        .set({
          requests: sql<number>`idempotency_usage.requests - sums.requests`,
          reply_bytes: sql<number>`idempotency_usage.reply_bytes - sums.bytes`,
        })
        .whereRef("idempotency_usage.tenant_id", "=", "sums.tenant_id")
        .returning("idempotency_usage.tenant_id"),
    )
    .selectFrom("gone")
    .select(({ fn }) => fn.countAll<number>().as("deleted"))
    .executeTakeFirstOrThrow();
  return Number(deleted);
}
