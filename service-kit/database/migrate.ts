import { createHash } from "node:crypto";
import pg from "pg";
import { codeOf, DatabaseError, messageOf } from "./errors.ts";
import type { Database } from "./open-database.ts";

export interface Migration {
  /** `0001-tenants`: four digits that only ever go up, and what it is about. */
  id: string;
  /** Statements, or a function that runs them. Names without a schema are in the migrated one. */
  sql: string | ((client: pg.ClientBase) => Promise<void>);
}

const idForm = /^\d{4}-[a-z0-9]+(-[a-z0-9]+)*$/;
const schemaForm = /^[a-z][a-z0-9_]*$/;

/**
 * Brings a schema up to date: applies, each in a transaction of its own, the migrations it has not
 * had. Several processes may do so at once; one applies, the others wait for it. A migration may take as long as it
 * needs, so it has a connection of its own: those of the pool end what takes too long.
 *
 * @throws DatabaseError `migration-invalid` if the list is out of order, an applied one was changed, or
 *   the database is ahead of this program; `migration-failed` names the migration and what failed.
 */
export async function migrate(
  database: Database,
  o: { schema: string; migrations: Migration[] },
): Promise<void> {
  checkList(o);
  const client = new pg.Client({
    connectionString: database.url,
    application_name: "plugboard-migrations",
    keepAlive: true,
  });
  client.on("error", () => {}); // what is under way fails with it
  try {
    await client.connect();
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [
      `plugboard migrations of ${o.schema}`,
    ]);
    await applyAll(client, o);
  } finally {
    // Closing a connection gives its lock back too.
    await client.end();
  }
}

async function applyAll(
  client: pg.ClientBase,
  o: { schema: string; migrations: Migration[] },
): Promise<void> {
  await client.query(`create schema if not exists ${o.schema}`);
  await client.query(
    `create table if not exists ${o.schema}.migrations
       (id text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await client.query<{ id: string; checksum: string }>(
    `select id, checksum from ${o.schema}.migrations order by id`,
  );
  checkApplied(rows, o);
  for (const migration of o.migrations.slice(rows.length)) {
    await apply(client, o.schema, migration);
  }
}

async function apply(client: pg.ClientBase, schema: string, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(`set local search_path to ${schema}, public`);
    if (typeof migration.sql === "string") await client.query(migration.sql);
    else await migration.sql(client);
    await client.query(`insert into ${schema}.migrations (id, checksum) values ($1, $2)`, [
      migration.id,
      checksum(migration),
    ]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {}); // the connection is closed in any case
    const code = codeOf(error);
    throw new DatabaseError(
      "migration-failed",
      `Migration ${schema}/${migration.id} failed and was undone: ${messageOf(error)}${code ? ` (${code})` : ""}`,
      { cause: error },
    );
  }
}

function checkList(o: { schema: string; migrations: Migration[] }): void {
  if (!schemaForm.test(o.schema)) throw invalid(`"${o.schema}" is not a schema name in lower case.`);
  o.migrations.forEach(({ id }, i) => {
    if (!idForm.test(id)) throw invalid(`The migration id "${id}" is not of the form 0001-what-it-does.`);
    const before = o.migrations[i - 1]?.id;
    if (before !== undefined && before.slice(0, 4) >= id.slice(0, 4)) {
      throw invalid(`The migration ${id} comes after ${before}, but its number is not higher.`);
    }
  });
}

function checkApplied(
  applied: { id: string; checksum: string }[],
  o: { schema: string; migrations: Migration[] },
): void {
  applied.forEach((row, i) => {
    const migration = o.migrations[i];
    if (migration?.id !== row.id) {
      const known = o.migrations.some(({ id }) => id === row.id);
      throw invalid(
        known
          ? `The migration ${o.schema}/${migration?.id} comes before ${row.id}, which was applied already. Give it a higher number.`
          : `The database has the migration ${o.schema}/${row.id}, which this program does not know. Use a program at least as new as the one that applied it.`,
      );
    }
    if (row.checksum !== checksum(migration)) {
      throw invalid(
        `The migration ${o.schema}/${row.id} was changed after it had been applied. Put it back, and write a new one for the change.`,
      );
    }
  });
}

/** Of a function only the id: its text depends on how it was built. */
function checksum({ id, sql }: Migration): string {
  const text = typeof sql === "string" ? sql.replaceAll("\r\n", "\n").trim() : `function ${id}`;
  return createHash("sha256").update(text).digest("hex");
}

function invalid(message: string): DatabaseError {
  return new DatabaseError("migration-invalid", message);
}
