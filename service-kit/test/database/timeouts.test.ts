/** Nothing holds a connection for ever: not a slow statement, not an idle transaction, not a server that fell silent. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { migrate, openDatabase } from "@plugboard/service-kit/database";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { sql } from "kysely";
import { quiet } from "./host-process.ts";

test("a statement, and a wait for a lock, end when their time is up", async (t) => {
  const { pool } = await openTestDatabase(t, { statementTimeoutMs: 1_000 });
  await assert.rejects(pool.query("select pg_sleep(600)"), { code: "57014" });
  await pool.query("create table held (id int)");
  const holder = await pool.connect();
  await holder.query("set idle_in_transaction_session_timeout = 0; begin; lock table held");
  await assert.rejects(pool.query("select from held"), { code: "57014" });
  await holder.query("commit");
  holder.release();
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
});

test("a transaction that does nothing is ended, gives back what it holds, and the process lives on", async (t) => {
  const database = await openTestDatabase(t, { statementTimeoutMs: 1_000 });
  await database.pool.query("create table held (id int)");
  const idle = database
    .kysely()
    .transaction()
    .execute(async (tx) => {
      await sql`lock table held`.execute(tx);
      while ((await database.pool.query(transactions)).rows[0].open > 0) await setTimeout(50);
      await sql`select 1`.execute(tx);
    });
  await assert.rejects(idle, /not queryable|terminated|Connection/);
  await database.pool.query("select from held");
});

const transactions = `select count(*)::int as open from pg_stat_activity
  where datname = current_database() and state = 'idle in transaction'`;

test("a migration may take as long as it needs", async (t) => {
  const database = await openTestDatabase(t, { statementTimeoutMs: 100 });
  await migrate(database, { schema: "core", migrations: [{ id: "0001-slow", sql: "select pg_sleep(0.4)" }] });
});

test("a server that falls silent costs the query its time, and nobody gets its connection again", async (t) => {
  const { url } = await openTestDatabase(t);
  const line = await startLine(t, url);
  const database = await openDatabase({
    databaseUrl: line.url,
    dataDir: "/nowhere",
    logger: quiet,
    maxConnections: 1,
    statementTimeoutMs: 1_500,
  });
  t.after(() => database.close());
  const db = database.kysely();
  const ask = async () => (await sql<{ one: number }>`select 1 as one`.execute(db)).rows[0]?.one;
  assert.equal(await ask(), 1);
  line.fallSilent();
  await assert.rejects(ask());
  assert.equal(await ask(), 1, "over a new connection");
  await database.close();
});

/** A way to PostgreSQL whose connections so far can be made to swallow everything. */
async function startLine(t: TestContext, databaseUrl: string) {
  const { hostname, port } = new URL(databaseUrl);
  const pairs: [Socket, Socket][] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    pairs.push([near, far]);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => {});
    near.on("close", () => far.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of pairs.flat()) socket.destroy();
  });
  const url = new URL(databaseUrl);
  url.port = String((server.address() as { port: number }).port);
  url.hostname = "127.0.0.1";
  return {
    url: url.href,
    fallSilent() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
      }
    },
  };
}
