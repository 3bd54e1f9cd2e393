import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

export async function insertArrival(
  db: RegistryDatabase,
  arrival: { kind: string; source: string; at: Date },
): Promise<void> {
  await db.insertInto("arrivals").values(arrival).execute();
}

/** Nobody else of this kind and source is counted until the transaction ends. */
export async function lockSource(
  transaction: RegistryDatabase,
  { kind, source }: { kind: string; source: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`arrival:${kind}:${source}`}, 0))`.execute(
    transaction,
  );
}

export async function countSince(
  db: RegistryDatabase,
  { kind, source, since }: { kind: string; source: string; since: Date },
): Promise<number> {
  const row = await db
    .selectFrom("arrivals")
    .select(({ fn }) => fn.countAll<number>().as("n"))
    .where("kind", "=", kind)
    .where("source", "=", source)
    .where("at", ">", since)
    .executeTakeFirstOrThrow();
  return row.n;
}

export async function forgetBefore(db: RegistryDatabase, time: Date): Promise<void> {
  await db.deleteFrom("arrivals").where("at", "<", time).execute();
}
