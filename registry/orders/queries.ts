import type { RegistryDatabase } from "../tables.ts";

export async function findVersion(db: RegistryDatabase, plugin: string, version: string) {
  return db
    .selectFrom("versions")
    .select(["version", "block"])
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .executeTakeFirst();
}

export async function setYanked(db: RegistryDatabase, plugin: string, version: string, at: Date | null) {
  await db
    .updateTable("versions")
    .set({ yanked_at: at })
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .execute();
}

/** @param version all of them, if undefined. @returns how many there are */
export async function setDeprecation(
  db: RegistryDatabase,
  { plugin, version }: { plugin: string; version: string | undefined },
  deprecation: string | null,
): Promise<number> {
  let update = db.updateTable("versions").set({ deprecation }).where("plugin", "=", plugin);
  if (version !== undefined) update = update.where("version", "=", version);
  const [{ numUpdatedRows }] = (await update.execute()) as [{ numUpdatedRows: bigint }];
  return Number(numUpdatedRows);
}

export async function setBlock(
  db: RegistryDatabase,
  { plugin, version }: { plugin: string; version: string },
  block: string | null,
) {
  await db
    .updateTable("versions")
    .set({ block })
    .where("plugin", "=", plugin)
    .where("version", "=", version)
    .execute();
}

/** What a key has signed after the place up to which it counts, and that still runs. */
export async function listSignedAfter(
  db: RegistryDatabase,
  { publisher, kid, until }: { publisher: string; kid: string; until: number },
) {
  return db
    .selectFrom("versions")
    .select(["plugin", "version"])
    .where("plugin", "like", `${publisher}/%`)
    .where("signed_by", "=", kid)
    .where("seq", ">", until)
    .where("block", "is", null)
    .orderBy("seq")
    .execute();
}

export async function isVerified(db: RegistryDatabase, publisher: string): Promise<boolean | undefined> {
  const row = await db
    .selectFrom("publishers")
    .select("verified")
    .where("name", "=", publisher)
    .executeTakeFirst();
  return row?.verified;
}
