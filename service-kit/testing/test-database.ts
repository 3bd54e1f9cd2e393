import { randomBytes } from "node:crypto";
import type pg from "pg";
import { type Database, databaseOver } from "../database/open-database.ts";
import { createPool } from "../database/pool.ts";
import { createLogger, type Logger } from "../observe/index.ts";
import { administer } from "./administer.ts";
import { type TestSchema, templateFor } from "./template.ts";
import { testServerUrl } from "./test-server.ts";

export interface TestDatabaseOptions {
  logger?: Logger;
  maxConnections?: number;
  statementTimeoutMs?: number;
  /** What is in it already; nothing by default. */
  schema?: TestSchema;
}

const prefix = "plugboard_test_";
const abandonedAfterMs = 6 * 60 * 60 * 1000;

/**
 * A fresh database for one test, gone when the test is over.
 *
 * @param t the test, whose end is waited for.
 */
export async function openTestDatabase(
  t: { after(fn: () => Promise<void>): void },
  o: TestDatabaseOptions = {},
): Promise<Database> {
  const server = await testServerUrl();
  const name = `${prefix}${Date.now()}_${randomBytes(5).toString("hex")}`;
  const logger = o.logger ?? createLogger({ name: "test-database", level: "error" });
  await administer(server, async (client) => {
    await dropAbandoned(client);
    // template0, because a template that someone is connected to cannot be copied.
    const template = o.schema ? await templateFor(client, o.schema, { server, prefix, logger }) : "template0";
    await client.query(`create database ${name} template ${template} strategy file_copy`);
    // A test waits for no disk. (What survives a crash is tested on servers of their own.)
    await client.query(`alter database ${name} set synchronous_commit = off`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = createPool({
    url: url.href,
    logger,
    applicationName: "plugboard-test",
    ...(o.maxConnections !== undefined && { max: o.maxConnections }),
    ...(o.statementTimeoutMs !== undefined && { statementTimeoutMs: o.statementTimeoutMs }),
  });
  const database = databaseOver(pool, {
    url: url.href,
    embedded: false,
    leave: () =>
      administer(
        server,
        async (client) => void (await client.query(`drop database if exists ${name} with (force)`)),
      ),
  });
  t.after(() => database.close());
  return database;
}

/** What test processes that were killed have left behind. */
async function dropAbandoned(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where starts_with(datname, $1)",
    [prefix],
  );
  for (const { datname } of rows) {
    const createdAt = Number(datname.slice(prefix.length).split("_")[0]);
    if (Date.now() - createdAt > abandonedAfterMs)
      await client.query(`drop database if exists ${datname} with (force)`);
  }
}
