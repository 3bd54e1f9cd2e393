import type { RegistryDatabase } from "../tables.ts";

export async function insertArrival(
  db: RegistryDatabase,
  arrival: { kind: string; source: string; at: Date },
): Promise<void> {
  await db.insertInto("arrivals").values(arrival).execute();
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
