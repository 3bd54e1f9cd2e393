import type pg from "pg";

/** Waits until somebody, or so many, wait for a lock in the database of `db`. */
export async function untilSomebodyWaits(db: pg.Client, howMany = 1): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const { rowCount } = await db.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rowCount !== null && rowCount >= howMany) return;
    await new Promise((next) => setTimeout(next, 10));
  }
  throw new Error("nobody waited for a lock");
}
