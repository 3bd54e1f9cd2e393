import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../tables.ts";

type Db = Kysely<CoreDatabase>;

/** Oldest generation first. */
export async function listDataKeys(db: Db, tenantId: string) {
  return db
    .selectFrom("data_keys")
    .select(["generation", "wrapped_key"])
    .where("tenant_id", "=", tenantId)
    .orderBy("generation")
    .execute();
}

export async function insertDataKey(
  db: Db,
  key: { tenant_id: string; generation: number; wrapped_key: string },
): Promise<void> {
  await db.insertInto("data_keys").values(key).execute();
}

/** Nobody else gives the tenant another key, or erases it, until the transaction ends. */
export async function holdTenant(tx: Db, tenantId: string) {
  return tx
    .selectFrom("tenants")
    .select(["id", "wrapped_reference_key"])
    .where("id", "=", tenantId)
    .where("erasing_since", "is", null)
    .forUpdate()
    .executeTakeFirst();
}

export async function setReferenceKey(tx: Db, tenantId: string, wrapped: string): Promise<void> {
  await tx
    .updateTable("tenants")
    .set({ wrapped_reference_key: wrapped })
    .where("id", "=", tenantId)
    .where("wrapped_reference_key", "is", null)
    .execute();
}

export async function findReferenceKey(db: Db, tenantId: string): Promise<string | null> {
  const row = await db
    .selectFrom("tenants")
    .select("wrapped_reference_key")
    .where("id", "=", tenantId)
    .executeTakeFirstOrThrow();
  return row.wrapped_reference_key;
}

/** Tenants whose newest key is older than that. */
export async function listTenantsToRotate(db: Db, before: Date, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom("data_keys")
    .innerJoin("tenants", "tenants.id", "data_keys.tenant_id")
    .select("tenant_id")
    .where("tenants.erasing_since", "is", null)
    .groupBy("tenant_id")
    .having((eb) => eb.fn.max("data_keys.created_at"), "<", before)
    .limit(limit)
    .execute();
  return rows.map(({ tenant_id }) => tenant_id);
}

export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db);
  const [row] = rows;
  if (!row) throw new Error("the database did not say what time it is");
  return row.now;
}

/** Where something is kept that the key management wrapped. */
export const wrappedColumns = [
  { table: "data_keys", column: "wrapped_key" },
  { table: "tenants", column: "wrapped_reference_key" },
  { table: "host_keys", column: "wrapped_data_key" },
  { table: "oauth_clients", column: "wrapped_data_key" },
] as const;

export type WrappedColumn = (typeof wrappedColumns)[number];

/** Some that are under another key than the current one; what somebody else is at is left to them. */
export async function lockWrapped(
  tx: Db,
  { table, column }: WrappedColumn,
  currentPrefix: string,
  limit: number,
): Promise<{ place: string; wrapped: string }[]> {
  const { rows } = await sql<{ place: string; wrapped: string }>`
    select ctid::text as place, ${sql.ref(column)} as wrapped from ${sql.id("core", table)}
    where ${sql.ref(column)} is not null and not starts_with(${sql.ref(column)}, ${currentPrefix})
    limit ${limit} for update skip locked`.execute(tx);
  return rows;
}

/** Of a row that `lockWrapped` locked in this transaction, so that its place is still its place. */
export async function replaceWrapped(
  tx: Db,
  { table, column }: WrappedColumn,
  place: string,
  wrapped: string,
): Promise<void> {
  await sql`update ${sql.id("core", table)} set ${sql.id(column)} = ${wrapped} where ctid = ${place}::tid`.execute(
    tx,
  );
}

export async function countWrapped(
  db: Db,
  { table, column }: WrappedColumn,
  currentPrefix: string,
): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from ${sql.id("core", table)}
    where ${sql.ref(column)} is not null and not starts_with(${sql.ref(column)}, ${currentPrefix})`.execute(
    db,
  );
  return Number(rows[0]?.count ?? 0);
}

/** Where something is kept that the vault sealed: each with its tenant's id and the generation of the key beside it. */
export const sealedColumns = [
  { table: "connections", id: "id", column: "sealed_credential", kind: "credential", topic: "connection" },
  { table: "oauth_flows", id: "state_hash", column: "sealed_flow", kind: "oauth-flow", topic: undefined },
  { table: "token_revocations", id: "id", column: "sealed_tokens", kind: "revocation", topic: undefined },
  { table: "files", id: "id", column: "sealed_key", kind: "file", topic: undefined },
] as const;

export type SealedColumn = (typeof sealedColumns)[number];

interface SealedRow {
  id: string;
  tenant_id: string;
  sealed: Buffer;
  key_generation: number;
}

/** Some that are under an earlier key of their tenant. */
export async function lockSealed(tx: Db, of: SealedColumn, limit: number): Promise<SealedRow[]> {
  const { rows } = await sql<SealedRow>`
    select ${sql.ref(of.id)} as id, tenant_id, ${sql.ref(of.column)} as sealed, key_generation
    from ${sql.id("core", of.table)} ${underEarlierKey()}
    limit ${limit} for update of sealed_row skip locked`.execute(tx);
  return rows;
}

export async function countSealed(db: Db, of: SealedColumn): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from ${sql.id("core", of.table)} ${underEarlierKey()}`.execute(db);
  return Number(rows[0]?.count ?? 0);
}

function underEarlierKey() {
  return sql`as sealed_row where key_generation <
    (select max(generation) from ${sql.id("core", "data_keys")} as k where k.tenant_id = sealed_row.tenant_id)`;
}

export async function replaceSealed(
  tx: Db,
  of: SealedColumn,
  { id, tenant_id }: Pick<SealedRow, "id" | "tenant_id">,
  sealed: { bytes: Buffer; generation: number },
): Promise<void> {
  await sql`
    update ${sql.id("core", of.table)}
    set ${sql.id(of.column)} = ${sealed.bytes}, key_generation = ${sealed.generation}
    where ${sql.id(of.id)} = ${id} and tenant_id = ${tenant_id}`.execute(tx);
}

/**
 * Keys that nothing is sealed under any more, and that have had a successor for as long as a host may need to hear of it.
 * What would still need one keeps it: the foreign keys say so.
 */
export async function deleteSpentKeys(tx: Db, afterSeconds: number): Promise<string[]> {
  const uses = sealedColumns.map(
    ({ table }) => sql`not exists (select 1 from ${sql.id("core", table)} as used
      where used.tenant_id = old.tenant_id and used.key_generation = old.generation)`,
  );
  const { rows } = await sql<{ tenant_id: string }>`
    delete from ${sql.id("core", "data_keys")} as old
    where exists (select 1 from ${sql.id("core", "data_keys")} as newer
        where newer.tenant_id = old.tenant_id and newer.generation > old.generation
          and newer.created_at < now() - make_interval(secs => ${afterSeconds}))
      and ${sql.join(uses, sql` and `)}
    returning tenant_id`.execute(tx);
  return [...new Set(rows.map(({ tenant_id }) => tenant_id))];
}

export async function countDataKeys(db: Db): Promise<{ tenants: number; rotating: number }> {
  const { rows } = await sql<{ tenants: string; rotating: string }>`
    select count(*) as tenants, count(*) filter (where keys > 1) as rotating
    from (select count(*) as keys from ${sql.id("core", "data_keys")} group by tenant_id) as of_tenants`.execute(
    db,
  );
  return { tenants: Number(rows[0]?.tenants ?? 0), rotating: Number(rows[0]?.rotating ?? 0) };
}
