import { sql } from "kysely";
import type { RegistryDatabase } from "../tables.ts";

/**
 * Does a piece of work on a publication while no other process does: who comes second waits. The lock goes with its
 * connection, so what a killed process held is free at once.
 */
export async function inSingleFlight<T>(
  db: RegistryDatabase,
  publicationId: string,
  work: () => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (connection) => {
    const key = `publication:${publicationId}`;
    await sql`select pg_advisory_lock(hashtextextended(${key}, 0))`.execute(connection);
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(hashtextextended(${key}, 0))`.execute(connection);
    }
  });
}
