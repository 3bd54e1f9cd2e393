/** Search over a database that was restored: its transactions are counted anew, what its rows say of theirs is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KyselyPlugin } from "kysely";
import { followCatalog } from "../search/follow-catalog.ts";
import { createListingIndex } from "../search/listing-index/index.ts";
import type { RegistryTables } from "../tables.ts";
import { registerPublisher, startRegistry } from "./support/registry.ts";

/** An index that counts what is put into it. */
function countingIndex() {
  const index = createListingIndex();
  const counted = { ...index, puts: 0, has: () => index.size };
  counted.put = (entry, words) => {
    counted.puts++;
    index.put(entry, words);
  };
  return counted;
}

test("what a restored database says of transactions that were never there is not read at every search", async (t) => {
  const { client, database } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  for (const name of ["one", "two"]) await acme.publish({ name, version: "1.0.0" });
  // As pg_restore leaves it: the marks are those of another server, which was further on.
  const connection = await database.pool.connect();
  await connection.query("begin");
  await connection.query("set local session_replication_role = replica");
  for (const table of ["listings", "plugin_statistics", "publishers"])
    await connection.query(`update registry.${table} set changed_in = '9000000000000'`);
  await connection.query("commit");
  connection.release();

  const index = countingIndex();
  const follower = followCatalog({ db: database.kysely<RegistryTables>("registry"), index });
  await follower.catchUp();
  assert.deepEqual([index.has(), index.puts], [2, 2], "it is filled");
  await follower.catchUp();
  await follower.catchUp();
  assert.equal(index.puts, 2, "nothing has changed");
  await acme.publish({ name: "three", version: "1.0.0" });
  await follower.catchUp();
  assert.equal(index.has(), 3, "what changes from now on is seen");
});

test("a process that knows of a later state than the database has starts over", async (t) => {
  const { client, database } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  for (const name of ["kept", "lost"]) await acme.publish({ name, version: "1.0.0" });
  let isBefore = true;
  /** Has what is seen before the restore be of a server that was further on. */
  const further: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const rows = result.rows.map((row) =>
        isBefore && "isAhead" in row ? { ...row, horizon: "9000000000000" } : row,
      );
      return { ...result, rows };
    },
  };
  const index = countingIndex();
  const db = database.kysely<RegistryTables>("registry").withPlugin(further);
  const follower = followCatalog({ db, index });
  await follower.catchUp();
  assert.equal(index.has(), 2);

  // The older state, without a mark of what is not there any more.
  const connection = await database.pool.connect();
  await connection.query("begin");
  await connection.query("set local session_replication_role = replica");
  await connection.query("delete from registry.listings where plugin = 'acme/lost'");
  await connection.query("commit");
  connection.release();
  isBefore = false;
  await follower.catchUp();
  assert.equal(index.has(), 1);
});
