import assert from "node:assert/strict";
import { readdir, readFile, rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import pg from "pg";
import { isAlive, newDataDir, postmasterPid, quiet, startHost, until } from "./host-process.ts";

/** Every row that a host was told is committed is there. */
async function assertKept(dataDir: string, acknowledged: number[]): Promise<void> {
  const database = await openDatabase({ dataDir, logger: quiet });
  try {
    const { rows } = await database.pool.query<{ id: number }>("select id from written");
    const kept = new Set(rows.map(({ id }) => id));
    assert.deepEqual(
      acknowledged.filter((id) => !kept.has(id)),
      [],
    );
    assert.ok(acknowledged.length > 0);
    await database.pool.query("insert into written select max(id) + 1 from written");
  } finally {
    await database.close();
  }
}

function killGroup(pid: number | undefined): void {
  assert.ok(pid);
  process.kill(-pid, "SIGKILL");
}

test("kill -9 of a host's process group while it writes loses nothing that was acknowledged", async (t) => {
  const dataDir = await newDataDir(t);
  for (let round = 0; round < 3; round++) {
    const host = startHost(t, dataDir, { write: true });
    await host.acknowledgedAtLeast(50);
    killGroup(host.child.pid);
    await new Promise((resolve) => host.child.once("close", resolve));
    await assertKept(dataDir, host.acknowledged);
  }
});

test("kill -9 of everything, server and all, while it writes loses nothing that was acknowledged", async (t) => {
  const dataDir = await newDataDir(t);
  for (let round = 0; round < 3; round++) {
    const host = startHost(t, dataDir, { write: true });
    await host.acknowledgedAtLeast(50);
    const server = await postmasterPid(dataDir);
    assert.ok(server);
    killGroup(host.child.pid);
    killGroup(server); // the server leads a session of its own, with all its processes in one group
    await new Promise((resolve) => host.child.once("close", resolve));
    assert.equal(await postmasterPid(dataDir), server, "the lock file of the dead server is still there");
    await assertKept(dataDir, host.acknowledged);
  }
});

test("kill -9 of the server alone, with its other processes left behind, is recovered at the next start", async (t) => {
  const dataDir = await newDataDir(t);
  const host = startHost(t, dataDir, { write: true });
  await host.acknowledgedAtLeast(50);
  killGroup(host.child.pid);
  const server = await postmasterPid(dataDir);
  assert.ok(server);
  process.kill(server, "SIGKILL");
  await assertKept(dataDir, host.acknowledged);
});

test("a host whose server is killed brings it back at the same address", async (t) => {
  const dataDir = await newDataDir(t);
  const database = await openDatabase({ dataDir, logger: quiet });
  t.after(() => database.close());
  await database.pool.query("create table kept as select 1 as value");
  for (const signal of ["SIGKILL", "SIGQUIT"] as const) {
    const server = await postmasterPid(dataDir);
    assert.ok(server);
    process.kill(server, signal);
    await until("the server has been replaced", async () => {
      const now = await postmasterPid(dataDir);
      return now !== undefined && now !== server;
    });
    await until("queries are answered again", () => answers(database.pool.query("select value from kept")));
  }
});

test("when one process of the server is killed, the host holds on to it through the server's own restart", async (t) => {
  const dataDir = await newDataDir(t);
  const database = await openDatabase({ dataDir, logger: quiet });
  const { rows } = await database.pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  assert.ok(rows[0]);
  process.kill(rows[0].pid, "SIGKILL");
  await until("queries are answered again", () => answers(database.pool.query("select 1")));

  // That the hold is there again shows when another host comes and goes without taking the server along.
  await until("the host holds the server again", async () => (await leases(database.url)) === 1);
  const other = await openDatabase({ dataDir, logger: quiet });
  await other.close();
  await database.pool.query("select 1");
  await database.close();
  assert.equal(await postmasterPid(dataDir), undefined);
});

test("a lock file that names a process which is not the server does not keep it from starting", async (t) => {
  const dataDir = await newDataDir(t);
  const host = startHost(t, dataDir, { write: true });
  await host.acknowledgedAtLeast(10);
  const server = await postmasterPid(dataDir);
  assert.ok(server);
  killGroup(host.child.pid);
  killGroup(server);
  await until("the server is gone", () => !isAlive(server));

  // As after a restart of the machine: the number has been given to a process that lives, this one.
  const path = join(dataDir, "postgres", "postmaster.pid");
  const stale = await readFile(path, "utf8");
  await writeFile(path, stale.replace(/^\d+/, String(process.pid)));
  await assertKept(dataDir, host.acknowledged);
});

test("an empty lock file, as a loss of power leaves it, does not keep the server from starting", async (t) => {
  const dataDir = await newDataDir(t);
  await (await openDatabase({ dataDir, logger: quiet })).close();
  const path = join(dataDir, "postgres", "postmaster.pid");
  await writeFile(path, "");
  const yesterday = new Date(Date.now() - 86_400_000);
  await utimes(path, yesterday, yesterday);
  const database = await openDatabase({ dataDir, logger: quiet });
  await database.pool.query("select 1");
  await database.close();
});

test("a host killed while it creates the cluster leaves nothing in the way", async (t) => {
  const dataDir = await newDataDir(t);
  const host = startHost(t, dataDir);
  await until("the cluster is being made", async () => {
    const names = await readdir(dataDir).catch(() => []);
    return names.some((name) => name.startsWith("postgres.new-"));
  });
  killGroup(host.child.pid);
  await assert.rejects(host.ready);
  const database = await openDatabase({ dataDir, logger: quiet });
  await database.pool.query("select 1");
  await database.close();
});

test("a host does not go on with an empty database when its files are taken away", async (t) => {
  const dataDir = await newDataDir(t);
  const database = await openDatabase({ dataDir, logger: quiet });
  t.after(() => database.close());
  const server = await postmasterPid(dataDir);
  assert.ok(server);
  await rename(join(dataDir, "postgres"), join(dataDir, "moved"));
  killGroup(server);
  await until("the server is gone", () => !isAlive(server));
  await assert.rejects(database.pool.query("select 1"));

  await rename(join(dataDir, "moved"), join(dataDir, "postgres"));
  await until("it is back with its files", () => answers(database.pool.query("select 1")));
});

async function answers(query: Promise<unknown>): Promise<boolean> {
  return query.then(
    () => true,
    () => false,
  );
}

async function leases(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ n: string }>(
      "select count(*) as n from pg_locks where locktype = 'advisory' and mode = 'ShareLock'",
    );
    return Number(rows[0]?.n);
  } finally {
    await client.end();
  }
}
