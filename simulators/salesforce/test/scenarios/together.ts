import assert from "node:assert/strict";
import { type Answer, type Driver, refused, type Scenario } from "./scenario.ts";

const codes = (results: Answer[]) => results.map(({ success, errors }) => (success ? "" : errors[0].code));

async function count({ run }: Driver): Promise<number> {
  return (await run("query", { soql: "SELECT COUNT() FROM Account" })).totalSize;
}

export const together: Scenario[] = [
  {
    name: "several records are written, each for itself, or all or none",
    async play(driver) {
      const { run } = driver;
      const records = [{ Name: "A" }, {}, { Name: "C" }];
      const mixed = await run("create-records", { object: "Account", records });
      assert.deepEqual(codes(mixed.results), ["", "REQUIRED_FIELD_MISSING", ""]);
      const none = await run("create-records", { object: "Account", records, allOrNone: true });
      const undone = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
      assert.deepEqual(codes(none.results), [undone, "REQUIRED_FIELD_MISSING", undone]);
      assert.equal(await count(driver), 2);
      const [a, , c] = mixed.results.map(({ id }: Answer) => id);
      const changes = [
        { id: a, fields: { Name: "A2" } },
        { id: "001000000000001AAA", fields: { Name: "?" } },
      ];
      const changed = await run("update-records", { object: "Account", records: changes });
      assert.deepEqual(codes(changed.results), ["", "INVALID_CROSS_REFERENCE_KEY"]);
      const read = await run("get-records", { object: "Account", ids: [c, a], fields: ["Name"] });
      assert.deepEqual(
        read.records.map(({ Name }: Answer) => Name),
        ["C", "A2"],
      );
      const gone = await run("delete-records", { ids: [a, c] });
      assert.deepEqual([codes(gone.results), await count(driver)], [["", ""], 0]);
    },
  },
  {
    name: "several records are written under external ids",
    async play({ run }) {
      const records = [
        { value: "M-1", fields: { Name: "One" } },
        { value: "M-2", fields: { Name: "Two" } },
      ];
      const into = { object: "Invoice__c", externalIdField: "External_Id__c" };
      const made = await run("upsert-records", { ...into, records });
      const again = await run("upsert-records", { ...into, records });
      const created = ({ results }: Answer) => results.map((one: Answer) => one.created);
      assert.deepEqual(
        [created(made), created(again)],
        [
          [true, true],
          [false, false],
        ],
      );
      assert.deepEqual(
        again.results.map(({ id }: Answer) => id),
        made.results.map(({ id }: Answer) => id),
      );
    },
  },
  {
    name: "requests of one call take what earlier ones answered, and are undone together",
    async play(driver) {
      const { run } = driver;
      const requests = (LastName: string | null) => [
        { referenceId: "account", method: "POST", path: "/sobjects/Account", body: { Name: 'C "o"' } },
        { referenceId: "read", method: "GET", path: "/sobjects/Account/@{account.id}" },
        {
          referenceId: "contact",
          method: "POST",
          path: "/sobjects/Contact",
          body: { LastName, Department: "@{read.Name}", AccountId: "@{account.id}" },
        },
      ];
      const failed = await run("composite", { allOrNone: true, requests: requests(null) });
      const told = failed.responses.map(({ status, body }: Answer) => [status, body[0].errorCode]);
      assert.deepEqual(told, [
        [400, "PROCESSING_HALTED"],
        [400, "PROCESSING_HALTED"],
        [400, "REQUIRED_FIELD_MISSING"],
      ]);
      assert.equal(await count(driver), 0);
      const { responses } = await run("composite", { allOrNone: true, requests: requests("C") });
      assert.deepEqual(
        responses.map(({ status }: Answer) => status),
        [201, 200, 201],
      );
      const soql = "SELECT Account.Name, Department FROM Contact";
      const [contact] = (await run("query", { soql })).records;
      assert.deepEqual([contact.Account.Name, contact.Department], ['C "o"', 'C "o"']);
    },
  },
  {
    name: "the org's requests are counted, and end",
    async play({ run, org }) {
      const { limits } = await run("get-limits");
      const { max, remaining } = limits.DailyApiRequests;
      assert.deepEqual([max, max - remaining], [org.maxApiRequests, org.apiRequests]);
      org.apiRequests = org.maxApiRequests;
      await refused(run("get-limits"), "REQUEST_LIMIT_EXCEEDED", /TotalRequests Limit exceeded/);
    },
  },
];
