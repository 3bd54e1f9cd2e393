import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { sql } from "kysely";
import { isAlive, newDataDir, postmasterPid, quiet, startHost } from "./host-process.ts";

test("a new data directory gets a PostgreSQL 18 of its own, which ends with its last host", async (t) => {
  const dataDir = await newDataDir(t);
  const database = await openDatabase({ dataDir, logger: quiet });
  const { rows } = await database.pool.query(
    `select current_setting('server_version_num')::int / 10000 as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as commit, current_database() as name`,
  );
  assert.deepEqual(rows, [{ version: 18, fsync: "on", commit: "on", name: "plugboard" }]);
  assert.equal(database.embedded, true);

  const pid = await postmasterPid(dataDir);
  assert.ok(pid && isAlive(pid));
  await database.close();
  assert.equal(isAlive(pid), false);
});

test("what was written is there at the next start, on the same port", async (t) => {
  const dataDir = await newDataDir(t);
  const first = await openDatabase({ dataDir, logger: quiet });
  await first.pool.query("create table kept (value text)");
  await first.pool.query("insert into kept values ('here')");
  await first.close();

  const second = await openDatabase({ dataDir, logger: quiet });
  t.after(() => second.close());
  const { rows } = await second.pool.query("select value from kept");
  assert.deepEqual(rows, [{ value: "here" }]);
  assert.equal(second.url, first.url);
});

test("hosts that start on a new data directory at the same moment share one server", async (t) => {
  const dataDir = await newDataDir(t);
  const hosts = Array.from({ length: 4 }, () => startHost(t, dataDir));
  const urls = await Promise.all(hosts.map((host) => host.ready));
  assert.equal(new Set(urls).size, 1);

  const pid = await postmasterPid(dataDir);
  const [last, ...others] = hosts;
  await Promise.all(others.map((host) => host.close()));
  assert.ok(pid && isAlive(pid), "the server is there as long as one host is");
  await last?.close();
  assert.equal(isAlive(pid), false);
  assert.deepEqual(
    (await readdir(dataDir)).filter((name) => name.startsWith("postgres.new")),
    [],
  );
});

test("hosts may come and go at once, over and over", async (t) => {
  const dataDir = await newDataDir(t);
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let i = 0; i < 8; i++) {
        const database = await openDatabase({ dataDir, logger: quiet });
        await database.pool.query("select 1");
        await database.close();
      }
    }),
  );
  assert.equal(await postmasterPid(dataDir), undefined);
});

test("only someone with the password gets in, and only through the loopback", async (t) => {
  const database = await openDatabase({ dataDir: await newDataDir(t), logger: quiet });
  t.after(() => database.close());
  const { rows } = await database.pool.query(
    `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
            (select array_agg(distinct auth_method) from pg_hba_file_rules) as methods,
            (select rolpassword ~ '^SCRAM-SHA-256' from pg_authid where rolname = 'plugboard') as hashed`,
  );
  assert.deepEqual(rows, [{ addresses: "127.0.0.1", sockets: "", methods: ["scram-sha-256"], hashed: true }]);
  const wrong = new URL(database.url);
  wrong.password = "guessed";
  await assert.rejects(openDatabase({ databaseUrl: wrong.href, dataDir: "", logger: quiet }), {
    code: "database-refused",
  });
});

test("64-bit integers come as numbers, and one that does not fit is an error, not a wrong number", async (t) => {
  const database = await openDatabase({ dataDir: await newDataDir(t), logger: quiet });
  t.after(() => database.close());
  const { rows } = await sql<{ n: number }>`select count(*) as n from pg_database`.execute(database.kysely());
  assert.equal(typeof rows[0]?.n, "number");
  await assert.rejects(database.pool.query("select 9007199254740993::bigint"), RangeError);
});

test("a folder that is not a cluster, or one of another version, is left alone and named", async (t) => {
  const dataDir = await newDataDir(t);
  await (await openDatabase({ dataDir, logger: quiet })).close();

  await writeFile(join(dataDir, "postgres", "PG_VERSION"), "17\n");
  await assert.rejects(openDatabase({ dataDir, logger: quiet }), {
    code: "data-dir-foreign",
    message: /made by PostgreSQL 17, and this program brings 18\. Dump it .*DATABASE_URL/,
  });
});
