import type { Selectable } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";

export type ApprovalRow = Selectable<RegistryTables["tenant_approvals"]>;

export async function findPolicy(db: RegistryDatabase, tenantId: string) {
  return db
    .selectFrom("tenant_policies")
    .select(["version", "policy", "changed_by", "created_at"])
    .where("tenant_id", "=", tenantId)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Those in force; a tenant that has set none is left out. */
export async function listPolicies(db: RegistryDatabase, tenantIds: string[]) {
  return db
    .selectFrom("tenant_policies")
    .distinctOn("tenant_id")
    .select(["tenant_id", "policy"])
    .where("tenant_id", "in", tenantIds)
    .orderBy("tenant_id")
    .orderBy("version", "desc")
    .execute();
}

/** For which permissions of the plugin each of the tenants has an approval. */
export async function listApproved(db: RegistryDatabase, plugin: string, tenantIds: string[]) {
  return db
    .selectFrom("tenant_approvals")
    .select(["tenant_id", "consent"])
    .where("plugin", "=", plugin)
    .where("tenant_id", "in", tenantIds)
    .where("status", "=", "approved")
    .execute();
}

/** @returns false if somebody else wrote this version meanwhile */
export async function insertPolicy(
  db: RegistryDatabase,
  row: { tenant_id: string; version: number; policy: string; changed_by: string; created_at: Date },
): Promise<boolean> {
  const inserted = await db
    .insertInto("tenant_policies")
    .values(row)
    .onConflict((conflict) => conflict.columns(["tenant_id", "version"]).doNothing())
    .returning("version")
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function isVerified(db: RegistryDatabase, publisher: string): Promise<boolean> {
  const row = await db
    .selectFrom("publishers")
    .select("verified")
    .where("name", "=", publisher)
    .executeTakeFirst();
  return row?.verified === true;
}

/** What is open or approved for exactly these permissions. */
export async function findStanding(
  db: RegistryDatabase,
  of: { tenantId: string; plugin: string; consent: string },
): Promise<ApprovalRow | undefined> {
  return db
    .selectFrom("tenant_approvals")
    .selectAll()
    .where("tenant_id", "=", of.tenantId)
    .where("plugin", "=", of.plugin)
    .where("consent", "=", of.consent)
    .where("status", "<>", "denied")
    .executeTakeFirst();
}

/** @returns undefined if one for these permissions is open or approved */
export async function insertApproval(
  db: RegistryDatabase,
  approval: Omit<ApprovalRow, "status" | "decision_reason" | "decided_by" | "decided_at">,
): Promise<ApprovalRow | undefined> {
  return db
    .insertInto("tenant_approvals")
    .values({ ...approval, status: "requested", decision_reason: null, decided_by: null, decided_at: null })
    .onConflict((conflict) =>
      conflict.columns(["tenant_id", "plugin", "consent"]).where("status", "<>", "denied").doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
}

/** Newest first. */
export async function listApprovals(
  db: RegistryDatabase,
  tenantId: string,
  query: { status: ApprovalRow["status"] | undefined; limit: number; before: string | undefined },
): Promise<ApprovalRow[]> {
  let rows = db
    .selectFrom("tenant_approvals")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("id", "desc")
    .limit(query.limit);
  if (query.status) rows = rows.where("status", "=", query.status);
  if (query.before !== undefined) rows = rows.where("id", "<", query.before);
  return rows.execute();
}

export async function findApproval(db: RegistryDatabase, tenantId: string, id: string) {
  return db
    .selectFrom("tenant_approvals")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** An approval may be taken back; what was denied stays so. @returns undefined if it is as it was */
export async function decideApproval(
  db: RegistryDatabase,
  o: { tenantId: string; id: string; status: "approved" | "denied"; reason: string; by: string; at: Date },
): Promise<ApprovalRow | undefined> {
  return db
    .updateTable("tenant_approvals")
    .set({ status: o.status, decision_reason: o.reason, decided_by: o.by, decided_at: o.at })
    .where("tenant_id", "=", o.tenantId)
    .where("id", "=", o.id)
    .where("status", "in", o.status === "approved" ? ["requested"] : ["requested", "approved"])
    .returningAll()
    .executeTakeFirst();
}
