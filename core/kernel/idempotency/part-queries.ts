import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";

type Db = Kysely<CoreDatabase>;
type Claim = { tenantId: string; key: string };

/** Goes on with a request whose host is taken for gone. @returns which attempt this is; undefined where it is not to be had */
export async function takeOver(
  db: Db,
  { tenantId, key }: Claim,
  resumableAfterMs: number,
): Promise<number | undefined> {
  const taken = await db
    .updateTable("idempotent_requests")
    .set({ attempt: sql<number>`attempt + 1`, resumable_at: after(resumableAfterMs) })
    .where("tenant_id", "=", tenantId)
    .where("key", "=", key)
    .where("reply", "is", null)
    .where("resumable_at", "<=", sql<Date>`now()`)
    .returning("attempt")
    .executeTakeFirst();
  return taken?.attempt;
}

/** Lets the next one who asks go on with it. */
export async function letGo(db: Db, { tenantId, key }: Claim, attempt: number): Promise<void> {
  await db
    .updateTable("idempotent_requests")
    .set({ resumable_at: sql<Date>`now()` })
    .where("tenant_id", "=", tenantId)
    .where("key", "=", key)
    .where("attempt", "=", attempt)
    .execute();
}

export function after(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1_000})`;
}

export async function listParts(
  db: Db,
  { tenantId, key }: Claim,
): Promise<{ place: number; outcome: string | null }[]> {
  return db
    .selectFrom("batch_parts")
    .select(["place", "outcome"])
    .where("tenant_id", "=", tenantId)
    .where("key", "=", key)
    .execute();
}

/**
 * Only for the attempt that has the request: whoever takes it over waits for this, and sees the parts.
 *
 * @returns how many were written down
 */
export async function beginParts(
  db: Db,
  { tenantId, key }: Claim,
  attempt: number,
  places: readonly number[],
): Promise<number> {
  const { rows } = await sql`
    with held as (
      select tenant_id, key from core.idempotent_requests
      where tenant_id = ${tenantId} and key = ${key} and attempt = ${attempt} and reply is null
      for share
    )
    insert into core.batch_parts (tenant_id, key, place)
    select held.tenant_id, held.key, part.place from held, unnest(${places}::integer[]) as part (place)
    on conflict do nothing
    returning place`.execute(db);
  return rows.length;
}

export async function endParts(
  db: Db,
  { tenantId, key }: Claim,
  parts: readonly { place: number; outcome: string }[],
): Promise<void> {
  const places = parts.map(({ place }) => place);
  const outcomes = parts.map(({ outcome }) => outcome);
  await sql`
    update core.batch_parts as part set outcome = done.outcome
    from unnest(${places}::integer[], ${outcomes}::text[]) as done (place, outcome)
    where part.tenant_id = ${tenantId} and part.key = ${key} and part.place = done.place`.execute(db);
}

/** Once the whole answer is kept they say nothing more. */
export async function deleteParts(db: Db, { tenantId, key }: Claim): Promise<void> {
  await db
    .deleteFrom("batch_parts")
    .where("tenant_id", "=", tenantId)
    .where("key", "=", key)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom("idempotent_requests")
          .select("key")
          .where("tenant_id", "=", tenantId)
          .where("key", "=", key)
          .where("reply", "is not", null),
      ),
    )
    .execute();
}
