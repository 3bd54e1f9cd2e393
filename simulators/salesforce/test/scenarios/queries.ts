import assert from "node:assert/strict";
import { type Answer, create, type Driver, refused, type Scenario } from "./scenario.ts";

const names = async ({ run }: Driver, where: string, more: object = {}): Promise<string[]> => {
  const soql = `SELECT Name FROM Account WHERE ${where} ORDER BY Name`;
  return (await run("query", { soql, ...more })).records.map(({ Name }: Answer) => Name);
};

export const queries: Scenario[] = [
  {
    name: "records are found by what they say, and by what they refer to",
    async play(driver) {
      const { run } = driver;
      for (const fields of [{ Name: "Acme", AnnualRevenue: 5 }, { Name: "O'Neill" }, { Name: "50% off_" }])
        await create(driver, "Account", fields);
      assert.deepEqual(await names(driver, "Name = 'acme'"), ["Acme"]);
      assert.deepEqual(await names(driver, "Name LIKE 'O\\'N%' OR AnnualRevenue > 4.5"), ["Acme", "O'Neill"]);
      assert.deepEqual(await names(driver, "Name LIKE '%\\% off\\_'"), ["50% off_"]);
      assert.deepEqual(await names(driver, "CreatedDate = TODAY AND Name NOT IN ('Acme')"), [
        "50% off_",
        "O'Neill",
      ]);
      const { records } = await run("query", { soql: "SELECT Owner.Username FROM Account LIMIT 1" });
      assert.match(records[0].Owner.Username, /^admin@/);
      const counted = await run("query", { soql: "SELECT COUNT() FROM Account" });
      assert.deepEqual([counted.totalSize, counted.records], [3, []]);
    },
  },
  {
    name: "a long result comes page by page, for two days",
    async play(driver) {
      const { run, pass } = driver;
      const records = Array.from({ length: 200 }, (_, index) => ({ LastName: `L${index}`, Company: "Many" }));
      for (let times = 0; times < 11; times++) await run("create-records", { object: "Lead", records });
      const first = await run("query", { soql: "SELECT Id FROM Lead" });
      assert.deepEqual([first.totalSize, first.records.length], [2_200, 2_000]);
      const second = await run("query", { cursor: first.nextCursor });
      assert.deepEqual([second.records.length, second.nextCursor], [200, null]);
      const ids = [...first.records, ...second.records].map(({ Id }: Answer) => Id);
      assert.equal(new Set(ids).size, 2_200);
      pass(2 * 86_400_000);
      await refused(run("query", { cursor: first.nextCursor }), "INVALID_QUERY_LOCATOR");
    },
  },
  {
    name: "what is deleted is found only where it is asked for",
    async play(driver) {
      const id = await create(driver, "Account", { Name: "Gone" });
      await driver.run("delete-record", { object: "Account", id });
      assert.deepEqual(await names(driver, "Name = 'Gone'"), []);
      assert.deepEqual(await names(driver, "IsDeleted = true", { includeDeleted: true }), ["Gone"]);
    },
  },
  {
    name: "what is wrong with a query is told, and where",
    async play({ run }) {
      const query = (soql: string) => run("query", { soql });
      await refused(
        query("SELECT Name FROM Account WHERE"),
        "MALFORMED_QUERY",
        /Row:1:Column:31\nunexpected token: '<EOF>'/,
      );
      await refused(query("SELECT Name FROM Account WHERE Name = 'O'Neill'"), "MALFORMED_QUERY", /Neill/);
      await refused(
        query("SELECT Id, Shoe FROM Account"),
        "INVALID_FIELD",
        /\n {11}\^\nERROR at Row:1:Column:12\n/,
      );
      await refused(query("SELECT Id FROM Shoe"), "INVALID_TYPE", /sObject type 'Shoe' is not supported/);
      await refused(
        query("SELECT Id FROM Account WHERE AnnualRevenue = '5'"),
        "INVALID_FIELD",
        /enclosed in quotes/,
      );
    },
  },
  {
    name: "what was changed and deleted since is told, by the minute",
    async play(driver) {
      const { run, pass } = driver;
      const from = new Date(driver.org.nowMs()).toISOString();
      const [kept, gone] = [
        await create(driver, "Case", { Subject: "a" }),
        await create(driver, "Case", { Subject: "b" }),
      ];
      await run("delete-record", { object: "Case", id: gone });
      pass(120_000);
      const span = { object: "Case", from, to: new Date(driver.org.nowMs()).toISOString() };
      assert.deepEqual((await run("get-updated", span)).ids, [kept]);
      const { records } = await run("get-deleted", span);
      assert.deepEqual(
        records.map(({ id }: Answer) => id),
        [gone],
      );
      await refused(run("get-updated", { ...span, to: from }), "INVALID_REPLICATION_DATE");
    },
  },
];
