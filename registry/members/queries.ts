import type { Insertable, Selectable } from "kysely";
import type { Role } from "../accounts/index.ts";
import type { RegistryDatabase, RegistryTables, TransferStatus } from "../tables.ts";

export type MemberRow = NonNullable<Awaited<ReturnType<typeof findMember>>>;
export type TransferRow = Selectable<RegistryTables["publisher_transfers"]>;

/** Nobody else changes the publisher's members until the transaction ends. */
export async function lockPublisher(transaction: RegistryDatabase, publisher: string): Promise<void> {
  await transaction
    .selectFrom("publishers")
    .select("name")
    .where("name", "=", publisher)
    .forUpdate()
    .execute();
}

export async function findRole(
  db: RegistryDatabase,
  publisher: string,
  accountId: string,
): Promise<Role | undefined> {
  const row = await db
    .selectFrom("publisher_members")
    .select("role")
    .where("publisher", "=", publisher)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row?.role;
}

function members(db: RegistryDatabase, publisher: string) {
  return db
    .selectFrom("publisher_members as member")
    .innerJoin("accounts as account", "account.id", "member.account_id")
    .select([
      "member.account_id",
      "account.display_name",
      "member.role",
      "member.added_by",
      "member.created_at",
    ])
    .where("member.publisher", "=", publisher);
}

export async function findMember(db: RegistryDatabase, publisher: string, accountId: string) {
  return members(db, publisher).where("member.account_id", "=", accountId).executeTakeFirst();
}

export async function listMembers(db: RegistryDatabase, publisher: string): Promise<MemberRow[]> {
  return members(db, publisher).orderBy("member.created_at").limit(1_000).execute();
}

export async function upsertMember(
  db: RegistryDatabase,
  o: { publisher: string; accountId: string; role: Role; addedBy: string; at: Date },
): Promise<void> {
  const { role } = o;
  await db
    .insertInto("publisher_members")
    .values({ publisher: o.publisher, account_id: o.accountId, role, added_by: o.addedBy, created_at: o.at })
    .onConflict((conflict) => conflict.columns(["publisher", "account_id"]).doUpdateSet({ role }))
    .execute();
}

/** @returns whether it was a member */
export async function deleteMember(
  db: RegistryDatabase,
  publisher: string,
  accountId: string,
): Promise<boolean> {
  const row = await db
    .deleteFrom("publisher_members")
    .where("publisher", "=", publisher)
    .where("account_id", "=", accountId)
    .returning("account_id")
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteAllMembers(db: RegistryDatabase, publisher: string): Promise<void> {
  await db.deleteFrom("publisher_members").where("publisher", "=", publisher).execute();
}

export async function countOwners(db: RegistryDatabase, publisher: string): Promise<number> {
  const row = await db
    .selectFrom("publisher_members")
    .select(({ fn }) => fn.countAll<number>().as("n"))
    .where("publisher", "=", publisher)
    .where("role", "=", "owner")
    .executeTakeFirstOrThrow();
  return row.n;
}

export async function setTokenRequired(db: RegistryDatabase, publisher: string, isRequired: boolean) {
  await db
    .updateTable("publishers")
    .set({ token_required: isRequired })
    .where("name", "=", publisher)
    .execute();
}

export async function isTokenRequired(db: RegistryDatabase, publisher: string): Promise<boolean> {
  const row = await db
    .selectFrom("publishers")
    .select("token_required")
    .where("name", "=", publisher)
    .executeTakeFirst();
  return row?.token_required === true;
}

export async function insertAudit(
  db: RegistryDatabase,
  entry: Insertable<RegistryTables["publisher_audit"]>,
): Promise<void> {
  await db.insertInto("publisher_audit").values(entry).execute();
}

export async function listAudit(
  db: RegistryDatabase,
  publisher: string,
  page: { limit: number; before: string | undefined },
) {
  let rows = db
    .selectFrom("publisher_audit")
    .select(["id", "actor", "action", "details", "at"])
    .where("publisher", "=", publisher)
    .orderBy("id", "desc")
    .limit(page.limit);
  if (page.before !== undefined) rows = rows.where("id", "<", page.before);
  return rows.execute();
}

/** @returns undefined if another offer of this publisher is open */
export async function insertTransfer(
  db: RegistryDatabase,
  transfer: Pick<
    TransferRow,
    "id" | "publisher" | "from_account" | "to_account" | "created_at" | "expires_at"
  >,
): Promise<TransferRow | undefined> {
  return db
    .insertInto("publisher_transfers")
    .values({ ...transfer, status: "offered", finished_at: null })
    .onConflict((conflict) => conflict.column("publisher").where("status", "=", "offered").doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Those that concern the account: made by it, or to it. */
export async function listOpenTransfers(db: RegistryDatabase, accountId: string): Promise<TransferRow[]> {
  return db
    .selectFrom("publisher_transfers")
    .selectAll()
    .where("status", "=", "offered")
    .where((where) => where.or([where("to_account", "=", accountId), where("from_account", "=", accountId)]))
    .orderBy("id", "desc")
    .limit(100)
    .execute();
}

/** Nobody else ends the offer until the transaction ends. */
export async function lockTransfer(
  transaction: RegistryDatabase,
  id: string,
): Promise<TransferRow | undefined> {
  return transaction
    .selectFrom("publisher_transfers")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
}

export async function endTransfer(
  db: RegistryDatabase,
  id: string,
  end: { status: Exclude<TransferStatus, "offered">; at: Date },
): Promise<TransferRow> {
  return db
    .updateTable("publisher_transfers")
    .set({ status: end.status, finished_at: end.at })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Offers that ran out stand in nobody's way. */
export async function withdrawExpired(db: RegistryDatabase, publisher: string, at: Date): Promise<void> {
  await db
    .updateTable("publisher_transfers")
    .set({ status: "withdrawn", finished_at: at })
    .where("publisher", "=", publisher)
    .where("status", "=", "offered")
    .where("expires_at", "<=", at)
    .execute();
}
