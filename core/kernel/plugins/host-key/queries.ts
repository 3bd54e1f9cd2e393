import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";

export async function findKey(db: Kysely<CoreDatabase>, state: "current" | "next") {
  return db.selectFrom("host_keys").selectAll().where("state", "=", state).executeTakeFirst();
}

export type HostKeyRow = NonNullable<Awaited<ReturnType<typeof findKey>>>;

/** Unless another process has made one in this moment. */
export async function insertKey(
  db: Kysely<CoreDatabase>,
  key: Pick<HostKeyRow, "kid" | "state" | "wrapped_data_key" | "sealed_private_jwk">,
) {
  await db
    .insertInto("host_keys")
    .values(key)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Puts the next key in the place of the current one. */
export async function succeed(db: Kysely<CoreDatabase>, kid: string) {
  await db.transaction().execute(async (transaction) => {
    const next = await transaction
      .selectFrom("host_keys")
      .select("kid")
      .where("kid", "=", kid)
      .where("state", "=", "next")
      .forUpdate()
      .executeTakeFirst();
    if (!next) return;
    await transaction
      .updateTable("host_keys")
      .set({ state: "retired" })
      .where("state", "=", "current")
      .execute();
    await transaction.updateTable("host_keys").set({ state: "current" }).where("kid", "=", kid).execute();
  });
}
