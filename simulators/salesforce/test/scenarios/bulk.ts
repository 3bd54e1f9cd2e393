import assert from "node:assert/strict";
import { type Answer, type Driver, refused, type Scenario } from "./scenario.ts";

async function done({ run }: Driver, action: string, id: string): Promise<Answer> {
  for (let asked = 0; asked < 10; asked++) {
    const job = await run(action, { id });
    if (job.isDone) return job;
  }
  throw new Error("The job is not done.");
}

export const bulk: Scenario[] = [
  {
    name: "a job writes records, and tells what became of each",
    async play(driver) {
      const { run } = driver;
      const records = [
        { Name: 'Says "hi",\nthen goes', External_Id__c: "B-1", Amount__c: 1.5, Paid__c: true },
        { External_Id__c: "B-2", Amount__c: 2 },
        { Name: "Third", External_Id__c: "B-3" },
      ];
      const job = { object: "Invoice__c", operation: "insert", records };
      const { id, state } = await run("start-bulk-write", job);
      assert.equal(state, "UploadComplete");
      const told = await done(driver, "get-bulk-job", id);
      assert.deepEqual([told.state, told.recordsProcessed, told.recordsFailed], ["JobComplete", 3, 1]);
      const written = await run("read-bulk-result", { id, of: "written" });
      assert.deepEqual(
        written.items.map(({ created, fields }: Answer) => [created, fields.External_Id__c]),
        [
          [true, "B-1"],
          [true, "B-3"],
        ],
      );
      const failed = await run("read-bulk-result", { id, of: "failed" });
      assert.match(
        failed.items[0].error,
        /^REQUIRED_FIELD_MISSING:Required fields are missing: \[Name\]:Name/,
      );
      const soql = "SELECT Name, Amount__c, Paid__c FROM Invoice__c ORDER BY External_Id__c LIMIT 1";
      const { attributes: _, ...first } = (await run("query", { soql })).records[0];
      assert.deepEqual(first, { Name: 'Says "hi",\nthen goes', Amount__c: 1.5, Paid__c: true });
    },
  },
  {
    name: "a job changes what is there by external ids, and empties fields",
    async play(driver) {
      const { run } = driver;
      const into = { object: "Invoice__c", externalIdField: "External_Id__c" };
      await run("upsert-record", { ...into, value: "U-1", fields: { Name: "One", Amount__c: 9 } });
      const records = [
        { External_Id__c: "U-1", Name: "Uno", Amount__c: null },
        { External_Id__c: "U-2", Name: "Due", Amount__c: 4 },
      ];
      const { id } = await run("start-bulk-write", { ...into, operation: "upsert", records });
      await done(driver, "get-bulk-job", id);
      const written = await run("read-bulk-result", { id, of: "written" });
      assert.deepEqual(
        written.items.map(({ created }: Answer) => created),
        [false, true],
      );
      const soql = "SELECT Name, Amount__c FROM Invoice__c ORDER BY External_Id__c";
      const found = (await run("query", { soql })).records;
      assert.deepEqual(
        found.map(({ Name, Amount__c }: Answer) => [Name, Amount__c]),
        [
          ["Uno", null],
          ["Due", 4],
        ],
      );
    },
  },
  {
    name: "a query's records are read when it is done",
    async play(driver) {
      const { run } = driver;
      await run("create-records", { object: "Account", records: [{ Name: 'A "b"' }, { Name: "C,\nd" }] });
      const { id } = await run("start-bulk-query", {
        soql: "SELECT Name, Owner.Name, Rating FROM Account ORDER BY Name",
      });
      const told = await done(driver, "get-bulk-query", id);
      assert.deepEqual([told.state, told.recordsProcessed], ["JobComplete", 2]);
      const { items } = await run("read-bulk-query", { id });
      assert.deepEqual(
        items.map(({ Name, Rating }: Answer) => [Name, Rating]),
        [
          ['A "b"', ""],
          ["C,\nd", ""],
        ],
      );
      assert.equal(items[0]["Owner.Name"], "admin");
    },
  },
  {
    name: "jobs that cannot be are refused",
    async play({ run }) {
      const records = [{ Name: "A" }];
      await refused(
        run("start-bulk-write", { object: "Shoe", operation: "insert", records }),
        "INVALIDENTITY",
      );
      const soql = "SELECT COUNT(Id) FROM Account";
      await refused(run("start-bulk-query", { soql }), "API_ERROR");
      await refused(run("start-bulk-query", { soql: "SELECT Id FROM" }), "MALFORMED_QUERY");
      await refused(run("get-bulk-job", { id: "750000000000001AAA" }), "NOT_FOUND");
      const { id } = await run("start-bulk-write", { object: "Account", operation: "insert", records });
      await refused(run("read-bulk-query", { id }), "NOT_FOUND");
    },
  },
];
