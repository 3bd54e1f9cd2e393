import type { Selectable } from "kysely";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";

export type LinkRow = Selectable<RegistryTables["tenant_publishers"]>;

/** Whoever may see it: for the registry itself. */
export async function findListing(db: RegistryDatabase, plugin: string) {
  return db.selectFrom("listings").select("tenant_id").where("plugin", "=", plugin).executeTakeFirst();
}

export async function findLink(db: RegistryDatabase, publisher: string): Promise<LinkRow | undefined> {
  return db.selectFrom("tenant_publishers").selectAll().where("publisher", "=", publisher).executeTakeFirst();
}

/** @returns the link that there is: the one given, or the one that was there before */
export async function insertLink(db: RegistryDatabase, link: LinkRow): Promise<LinkRow | undefined> {
  const inserted = await db
    .insertInto("tenant_publishers")
    .values(link)
    .onConflict((conflict) => conflict.column("publisher").doNothing())
    .returningAll()
    .executeTakeFirst();
  return inserted ?? findLink(db, link.publisher);
}

/** @returns whether there was one */
export async function deleteLink(
  db: RegistryDatabase,
  { publisher, tenantId }: { publisher: string; tenantId?: string },
): Promise<boolean> {
  let links = db.deleteFrom("tenant_publishers").where("publisher", "=", publisher);
  if (tenantId !== undefined) links = links.where("tenant_id", "=", tenantId);
  return (await links.returning("publisher").executeTakeFirst()) !== undefined;
}

export async function listLinks(db: RegistryDatabase, tenantId: string): Promise<LinkRow[]> {
  return db
    .selectFrom("tenant_publishers")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .orderBy("publisher")
    .execute();
}
