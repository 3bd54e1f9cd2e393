import { type Kysely, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";

export async function findSeen(db: Kysely<CoreDatabase>) {
  return db.selectFrom("registry_trust").select(["root_version", "seq", "state"]).executeTakeFirst();
}

/** Keeps it unless another host has seen more. */
export async function keepHighest(
  db: Kysely<CoreDatabase>,
  seen: { root_version: number; seq: number; state: string },
) {
  await db
    .insertInto("registry_trust")
    .values(seen)
    .onConflict((conflict) =>
      conflict
        .column("is_only")
        .doUpdateSet({ ...seen, updated_at: sql<Date>`now()` })
        .where(
          sql<boolean>`(registry_trust.root_version, registry_trust.seq) <= (excluded.root_version, excluded.seq)`,
        ),
    )
    .execute();
}

export async function forgetSeen(db: Kysely<CoreDatabase>) {
  await db.deleteFrom("registry_trust").execute();
}
