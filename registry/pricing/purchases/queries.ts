import type { PurchaseStatus } from "../../pricing-tables.ts";
import type { RegistryDatabase } from "../../tables.ts";

/** @returns undefined where the tenant has an open purchase of the plugin */
export async function insertPurchase(
  db: RegistryDatabase,
  purchase: {
    id: string;
    tenant_id: string;
    plugin: string;
    terms: string;
    /** JSON text. */
    pricing: string;
    amount: number | null;
    currency: string | null;
    provider: string;
    created_at: Date;
  },
) {
  const unsettled = {
    settled_at: null,
    note: null,
    provider_reference: null,
    url: null,
    instructions: null,
    paid_from: null,
    paid_until: null,
  };
  return db
    .insertInto("purchases")
    .values({ ...purchase, ...unsettled, status: "open" })
    .onConflict((conflict) =>
      conflict.columns(["tenant_id", "plugin"]).where("status", "=", "open").doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
}

export type PurchaseRow = NonNullable<Awaited<ReturnType<typeof insertPurchase>>>;

export async function findOpenPurchase(db: RegistryDatabase, tenantId: string, plugin: string) {
  return db
    .selectFrom("purchases")
    .select("id")
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .where("status", "=", "open")
    .executeTakeFirst();
}

export async function findPurchase(db: RegistryDatabase, id: string): Promise<PurchaseRow | undefined> {
  return db.selectFrom("purchases").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Nobody else settles it until the transaction ends. */
export async function lockPurchase(transaction: RegistryDatabase, id: string) {
  return transaction.selectFrom("purchases").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function changePurchase(
  db: RegistryDatabase,
  id: string,
  change: Partial<
    Pick<
      PurchaseRow,
      | "status"
      | "provider_reference"
      | "url"
      | "instructions"
      | "settled_at"
      | "note"
      | "paid_from"
      | "paid_until"
    >
  >,
) {
  return db
    .updateTable("purchases")
    .set(change)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Unless it was settled meanwhile: whoever takes the money may have said that it was paid. */
export async function cancelOpen(
  db: RegistryDatabase,
  id: string,
  { note, at }: { note: string; at: Date },
): Promise<void> {
  await db
    .updateTable("purchases")
    .set({ status: "canceled", settled_at: at, note })
    .where("id", "=", id)
    .where("status", "=", "open")
    .execute();
}

export async function listPurchases(
  db: RegistryDatabase,
  query: {
    tenantId?: string | undefined;
    status?: PurchaseStatus | undefined;
    limit: number;
    after: string | undefined;
  },
) {
  let rows = db.selectFrom("purchases").selectAll().orderBy("id").limit(query.limit);
  if (query.tenantId !== undefined) rows = rows.where("tenant_id", "=", query.tenantId);
  if (query.status !== undefined) rows = rows.where("status", "=", query.status);
  if (query.after !== undefined) rows = rows.where("id", ">", query.after);
  return rows.execute();
}
