import assert from "node:assert/strict";
import { it } from "node:test";
import { prepared } from "@plugboard/service-kit/database";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { sql } from "kysely";

interface Tables {
  things: { id: number; names: string[] };
}

const thing = prepared<Tables, { id: number; name: string }, { id: number; names: string[] }>(
  (db, { id, name }) =>
    db
      .selectFrom("things")
      .select(["id", "names"])
      .where("id", "=", id)
      .where(sql<boolean>`${name} = any(names)`),
);

it("a prepared query is planned once on a connection, and asked with other parameters each time", async (t) => {
  const { pool, kysely } = await openTestDatabase(t, { maxConnections: 1 });
  await pool.query("create table things (id integer, names text[])");
  await pool.query("insert into things values (1, '{a,b}'), (2, '{c}')");
  const db = kysely<Tables>();
  assert.deepEqual(await thing(db, { id: 1, name: "b" }), [{ id: 1, names: ["a", "b"] }]);
  assert.deepEqual(await thing(db, { id: 2, name: "c" }), [{ id: 2, names: ["c"] }]);
  assert.deepEqual(await thing(db, { id: 2, name: "a" }), []);
  const { rows } = await pool.query(
    "select generic_plans + custom_plans as runs from pg_prepared_statements",
  );
  assert.deepEqual(rows, [{ runs: 3 }]);

  // In a transaction too, which is another object to ask.
  await db.transaction().execute(async (transaction) => {
    assert.equal((await thing(transaction, { id: 1, name: "a" })).length, 1);
  });
  assert.equal((await pool.query("select from pg_prepared_statements")).rowCount, 1);
});

it("a migration that changes what it gives costs one question, not the connection's life", async (t) => {
  const { pool, kysely } = await openTestDatabase(t, { maxConnections: 1 });
  await pool.query("create table things (id integer, names text[])");
  await pool.query("insert into things values (1, '{a}')");
  const db = kysely<Tables>();
  await thing(db, { id: 1, name: "a" });
  await pool.query("alter table things alter column id type bigint");
  await assert.rejects(thing(db, { id: 1, name: "a" }), { code: "0A000" });
  assert.deepEqual(await thing(db, { id: 1, name: "a" }), [{ id: 1, names: ["a"] }]);
});
