import { createHash } from "node:crypto";
import type pg from "pg";
import { getConstructionPlans } from "pg-boss";
import { type Migration, migrate } from "../database/index.ts";
import { databaseOver } from "../database/open-database.ts";
import { createPool } from "../database/pool.ts";
import { createJobs } from "../jobs/index.ts";
import type { Logger } from "../observe/index.ts";

/** What a test's database has in it from the start. */
export interface TestSchema {
  migrated: { schema: string; migrations: Migration[] }[];
  /** The job queue's own tables too. */
  jobs?: boolean;
}

/**
 * The name of a database to copy, made where it is not there: to copy files takes a tenth of the time that the
 * statements of all migrations take.
 *
 * @param o.prefix of all databases of tests; the time when it was made comes next, as for all of them
 */
export async function templateFor(
  client: pg.Client,
  schema: TestSchema,
  o: { server: string; prefix: string; logger: Logger },
): Promise<string> {
  const suffix = `_for_${digestOf(schema)}`;
  const find = async () => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where starts_with(datname, $1) and right(datname, $2) = $3",
      [o.prefix, suffix.length, suffix],
    );
    return rows[0]?.datname;
  };
  const found = await find();
  if (found) return found;
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [suffix]);
  try {
    const made = await find();
    if (made) return made;
    const name = `${o.prefix}${Date.now()}${suffix}`;
    const unfinished = `${name}_unfinished`;
    await client.query(`create database ${unfinished} template template0`);
    const url = new URL(o.server);
    url.pathname = `/${unfinished}`;
    await fill(url.href, schema, o.logger);
    await client.query(`alter database ${unfinished} rename to ${name}`);
    return name;
  } finally {
    await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [suffix]);
  }
}

async function fill(url: string, { migrated, jobs }: TestSchema, logger: Logger): Promise<void> {
  const pool = createPool({ url, logger, applicationName: "plugboard-test" });
  const database = databaseOver(pool, { url, embedded: false, leave: undefined });
  try {
    for (const one of migrated) await migrate(database, one);
    if (!jobs) return;
    const queue = createJobs({ database, logger });
    await queue.start();
    await queue.stop(0);
  } finally {
    await database.close();
  }
}

function digestOf({ migrated, jobs }: TestSchema): string {
  const hash = createHash("sha256");
  for (const { schema, migrations } of migrated)
    hash.update(JSON.stringify([schema, migrations.map(({ id, sql }) => [id, String(sql)])]));
  if (jobs) hash.update(getConstructionPlans());
  return hash.digest("hex").slice(0, 16);
}
