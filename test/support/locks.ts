import type pg from "pg";

/** Waits until somebody waits for a lock in the database of `db`. */
export async function untilSomebodyWaits(db: pg.Client): Promise<void> {
  for (let waited = 0; waited < 500; waited++) {
    const { rowCount } = await db.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rowCount) return;
    await new Promise((next) => setTimeout(next, 10));
  }
  throw new Error("nobody waited for a lock");
}
