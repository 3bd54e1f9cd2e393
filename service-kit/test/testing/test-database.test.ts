import assert from "node:assert/strict";
import { test } from "node:test";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import pg from "pg";

test("each test gets an empty database of its own", async (t) => {
  const [one, two] = await Promise.all([openTestDatabase(t), openTestDatabase(t)]);
  await one.pool.query("create table only_here (id int)");
  await assert.rejects(two.pool.query("select from only_here"), { code: "42P01" });
});

test("a database is gone when its test is over, even with a connection left open", async (t) => {
  let name = "";
  await t.test("the test", async (inner) => {
    const database = await openTestDatabase(inner);
    const { rows } = await database.pool.query<{ name: string }>("select current_database() as name");
    name = rows[0]?.name ?? "";
    const left = new pg.Client({ connectionString: database.url });
    left.on("error", () => {});
    await left.connect();
  });
  const after = await openTestDatabase(t);
  const { rows } = await after.pool.query("select from pg_database where datname = $1", [name]);
  assert.match(name, /^plugboard_test_/);
  assert.equal(rows.length, 0);
});
