import assert from "node:assert/strict";
import { test } from "node:test";
import { type Database, type Migration, migrate } from "@plugboard/service-kit/database";
import { openTestDatabase } from "@plugboard/service-kit/testing";

const plants: Migration = { id: "0001-plants", sql: "create table plants (name text primary key)" };
const oak: Migration = { id: "0002-oak", sql: "insert into plants values ('oak')" };
const colour: Migration = {
  id: "0003-colour",
  sql: async (client) => {
    await client.query("alter table plants add column colour text");
  },
};

function run(database: Database, migrations: Migration[], schema = "core"): Promise<void> {
  return migrate(database, { schema, migrations });
}

async function applied(database: Database, schema = "core"): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select id from ${schema}.migrations order by id`,
  );
  return rows.map(({ id }) => id);
}

test("migrations run once each, in order, in the schema they are for", async (t) => {
  const database = await openTestDatabase(t);
  await run(database, [plants, oak]);
  await run(database, [plants, oak, colour]);
  await run(database, [plants, oak, colour]);
  assert.deepEqual(await applied(database), ["0001-plants", "0002-oak", "0003-colour"]);
  assert.deepEqual((await database.pool.query("select * from core.plants")).rows, [
    { name: "oak", colour: null },
  ]);
});

test("schemas have their migrations apart", async (t) => {
  const database = await openTestDatabase(t);
  await Promise.all([run(database, [plants], "core"), run(database, [plants, oak], "registry")]);
  assert.deepEqual(
    [await applied(database, "core"), await applied(database, "registry")],
    [["0001-plants"], ["0001-plants", "0002-oak"]],
  );
});

test("any number of processes may migrate at once", async (t) => {
  const database = await openTestDatabase(t);
  await Promise.all(Array.from({ length: 8 }, () => run(database, [plants, oak, colour])));
  assert.equal((await database.pool.query("select from core.plants")).rowCount, 1);
});

test("a migration that fails is undone whole, the ones before it stay, and it can be tried again", async (t) => {
  const database = await openTestDatabase(t);
  const broken = {
    id: "0002-oak",
    sql: "insert into plants values ('oak'); insert into plants values ('oak')",
  };
  await assert.rejects(run(database, [plants, broken]), {
    code: "migration-failed",
    message: /Migration core\/0002-oak failed and was undone: duplicate key .*23505/,
  });
  assert.deepEqual(await applied(database), ["0001-plants"]);
  await run(database, [plants, oak]);
  assert.equal((await database.pool.query("select from core.plants")).rowCount, 1);
});

test("an applied migration must not change, except for line ends and space around it", async (t) => {
  const database = await openTestDatabase(t);
  await run(database, [plants, oak]);
  await run(database, [{ ...plants, sql: `\r\n${plants.sql}\n` }, oak]);
  await assert.rejects(run(database, [{ ...plants, sql: "create table plants (id int)" }, oak]), {
    code: "migration-invalid",
    message: /core\/0001-plants was changed after it had been applied/,
  });
});

test("a program older than its database is told so, as is a migration that comes too late in the order", async (t) => {
  const database = await openTestDatabase(t);
  await run(database, [plants, colour]);
  await assert.rejects(run(database, [plants]), {
    message: /has the migration core\/0003-colour, which this program does not know/,
  });
  await assert.rejects(run(database, [plants, oak, colour]), {
    message: /0002-oak comes before 0003-colour, which was applied already/,
  });
});

test("a list that is out of order or has an odd id is refused before anything runs", async (t) => {
  const database = await openTestDatabase(t);
  const lists: Migration[][] = [
    [oak, plants],
    [plants, { ...oak, id: "0001-again" }],
    [{ ...plants, id: "plants" }],
  ];
  for (const list of lists) {
    await assert.rejects(run(database, list), { code: "migration-invalid" });
  }
  await assert.rejects(run(database, [plants], "Core; drop"), { code: "migration-invalid" });
  const { rows } = await database.pool.query("select from pg_namespace where nspname = 'core'");
  assert.equal(rows.length, 0);
});
