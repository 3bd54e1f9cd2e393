import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { EntitlementStatus } from "./status.ts";

export async function findEntitlement(db: Kysely<CoreDatabase>, tenantId: string, plugin: string) {
  return db
    .selectFrom("entitlements")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("plugin", "=", plugin)
    .executeTakeFirst();
}

export type EntitlementRow = NonNullable<Awaited<ReturnType<typeof findEntitlement>>>;

/**
 * @param o.replaces what is kept, if it does not verify any more: then its revision says nothing
 * @returns whether it was taken: one of a lower revision than what is kept is not
 */
export async function putEntitlement(
  db: Kysely<CoreDatabase>,
  entitlement: {
    tenant_id: string;
    plugin: string;
    statement: string;
    pricing: Pricing;
    revision: number;
  },
  { replaces }: { replaces?: string | undefined } = {},
): Promise<boolean> {
  const { statement, revision } = entitlement;
  const pricing = JSON.stringify(entitlement.pricing);
  const row = await db
    .insertInto("entitlements")
    .values({ ...entitlement, pricing, status: "active" })
    .onConflict((conflict) =>
      conflict
        .columns(["tenant_id", "plugin"])
        .doUpdateSet({ statement, pricing, revision, updated_at: sql<Date>`now()` })
        .where((where) =>
          where.or([
            where("entitlements.revision", "<=", revision),
            ...(replaces === undefined ? [] : [where("entitlements.statement", "=", replaces)]),
          ]),
        ),
    )
    .returning("plugin")
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns whether this call changed it, of all hosts that noticed at the same time */
export async function setStatus(
  db: Kysely<CoreDatabase>,
  { tenant_id, plugin, status }: EntitlementRow,
  to: EntitlementStatus,
): Promise<boolean> {
  const changed = await db
    .updateTable("entitlements")
    .set({ status: to, updated_at: sql<Date>`now()` })
    .where("tenant_id", "=", tenant_id)
    .where("plugin", "=", plugin)
    .where("status", "=", status)
    .returning("plugin")
    .executeTakeFirst();
  return changed !== undefined;
}

export async function listEntitlements(
  db: Kysely<CoreDatabase>,
  tenantId?: string,
): Promise<EntitlementRow[]> {
  let rows = db.selectFrom("entitlements").selectAll().orderBy("tenant_id").orderBy("plugin");
  if (tenantId !== undefined) rows = rows.where("tenant_id", "=", tenantId);
  return rows.execute();
}
