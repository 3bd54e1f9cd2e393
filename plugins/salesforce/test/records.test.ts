/** Records of any object, by its name: found, read, written, and refused. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Answer, type Connected, connect } from "./connect.ts";

let now = Date.UTC(2026, 10, 1, 12);
let connected: Connected;
before(async () => {
  connected = await connect({ nowMs: () => now });
});
after(() => connected.close());

const run: Connected["run"] = (...args) => connected.run(...args);
const create = async (object: string, fields: object): Promise<string> =>
  (await run("create-record", { object, fields })).id;

describe("records of any object", () => {
  test("are described, written under an external id, and read by it", async () => {
    const { items } = await run("list-objects");
    assert.ok(items.some(({ name, custom }: Answer) => name === "Invoice__c" && custom));
    const { fields } = await run("describe-object", { object: "Invoice__c" });
    const externalId = fields.find(({ name }: Answer) => name === "External_Id__c");
    assert.deepEqual([externalId.externalId, externalId.unique, externalId.isRequired], [true, true, false]);

    const place = { object: "Invoice__c", externalIdField: "External_Id__c", value: "a/b;%2e' OR Name != '" };
    const made = await run("upsert-record", { ...place, fields: { Name: "First" } });
    const changed = await run("upsert-record", { ...place, fields: { Amount__c: 5 } });
    assert.deepEqual([made.created, changed], [true, { id: made.id, created: false }]);
    const read = { ...place, fields: ["Name", "Amount__c"] };
    const { Name, Amount__c } = await run("get-record-by-external-id", read);
    assert.deepEqual([Name, Amount__c], ["First", 5]);
    await assert.rejects(run("get-record-by-external-id", { ...read, value: "nothing" }), {
      code: "not-found",
    });
    await assert.rejects(run("upsert-record", { ...place, fields: { Shoe: 1 } }), {
      code: "invalid-input",
      details: { code: "INVALID_FIELD" },
    });
  });

  test("are found by conditions in which a value stays a value", async () => {
    const nasty = [
      "' OR Name != '",
      "\\",
      "\\' OR Name LIKE '%",
      "50% off_",
      'a "b"\nc',
      "x') OR (Name != 'y",
    ];
    const made = new Map<string, string>();
    for (const name of nasty) made.set(name, await create("Invoice__c", { Name: name, Paid__c: true }));
    const find = async (operator: string, value: unknown) =>
      (
        await run("find-records", {
          object: "Invoice__c",
          where: [
            { field: "Name", operator, value },
            { field: "Paid__c", value: true },
          ],
          orderBy: [{ field: "Id" }],
        })
      ).records.map(({ Id }: Answer) => Id);
    for (const [name, id] of made) assert.deepEqual(await find("equals", name), [id], JSON.stringify(name));
    assert.deepEqual(await find("contains", "0% off_"), [made.get("50% off_")]);
    assert.deepEqual(await find("contains", "%_"), [], "no wildcards in a value");
    assert.deepEqual(await find("in", nasty), [...made.values()]);
    for (const field of ["Name = '' OR Name", "Name) FROM User", "Name--", ""])
      await assert.rejects(run("find-records", { object: "Invoice__c", fields: [field] }), TypeError, field);
    for (const object of ["Invoice__c WHERE Name != null", "(SELECT Id FROM User)"])
      await assert.rejects(run("find-records", { object }), TypeError, object);
  });

  test("are found by numbers, days, times and what they refer to", async () => {
    const AccountId = await create("Account", { Name: "Kinds" });
    const deal = { StageName: "Prospecting", CloseDate: "2026-12-24", AccountId };
    await create("Opportunity", { ...deal, Name: "Deal", Amount: 99.5 });
    await create("Opportunity", { ...deal, Name: "Too little", Amount: 9 });
    const find = async (where: object[]) =>
      (await run("find-records", { object: "Opportunity", fields: ["Name", "Account.Name"], where })).records;
    const [found] = await find([
      { field: "Amount", operator: "greater", value: 99 },
      { field: "CloseDate", operator: "at-least", value: { date: "2026-12-01" } },
      { field: "CreatedDate", operator: "less", value: { datetime: "2026-11-02T00:00:00+01:00" } },
      { field: "Account.Name", value: "Kinds" },
    ]);
    assert.deepEqual([found.Name, found.Account.Name], ["Deal", "Kinds"]);
    await assert.rejects(find([{ field: "Amount", operator: "in", value: 5 }]), { code: "invalid-input" });
    await assert.rejects(find([{ field: "Amount", operator: "equals", value: [5] }]), {
      code: "invalid-input",
    });
  });

  test("are not looked for by more than an address can carry", async () => {
    const value = Array.from({ length: 500 }, (_, index) => `${index}`.padStart(40, "x"));
    const found = run("find-records", {
      object: "Account",
      where: [{ field: "Name", operator: "in", value }],
    });
    await assert.rejects(found, { code: "invalid-input", message: /use start-bulk-query/ });
  });

  test("are queried page by page", async () => {
    const records = Array.from({ length: 200 }, (_, index) => ({ Name: `Many ${index}` }));
    for (let round = 0; round < 11; round++) await run("create-records", { object: "Account", records });
    const soql = "SELECT Id FROM Account WHERE Name LIKE 'Many %'";
    const first = await run("query", { soql });
    assert.deepEqual([first.totalSize, first.records.length], [2_200, 2_000]);
    const second = await run("query", { cursor: first.nextCursor });
    assert.deepEqual([second.records.length, second.nextCursor], [200, null]);
    await assert.rejects(run("query", {}), { code: "invalid-input" });
    await assert.rejects(run("query", { cursor: "01gAAA-200" }), {
      code: "invalid-input",
      details: { status: 400, code: "INVALID_QUERY_LOCATOR", pointer: "/cursor" },
    });
    await assert.rejects(run("query", { cursor: "../sobjects" }), TypeError);
  });

  test("are written together, each for itself, or all or none", async () => {
    const { results } = await run("create-records", {
      object: "Contact",
      records: [{ LastName: "One" }, {}],
    });
    assert.deepEqual(
      results.map(({ success, errors }: Answer) => [success, errors]),
      [
        [true, []],
        [
          false,
          [
            {
              code: "REQUIRED_FIELD_MISSING",
              message: "Required fields are missing: [LastName]",
              fields: ["LastName"],
            },
          ],
        ],
      ],
    );
    const { id } = results[0];
    const changed = await run("update-records", {
      object: "Contact",
      records: [{ id, fields: { FirstName: "No" } }],
    });
    assert.equal(changed.results[0].id, id);
    const both = await run("get-records", {
      object: "Contact",
      ids: [id, "003000000000001AAA"],
      fields: ["Name"],
    });
    assert.deepEqual([both.records[0].Name, both.records[1]], ["No One", null]);
    const upserted = await run("upsert-records", {
      object: "Invoice__c",
      externalIdField: "External_Id__c",
      records: [
        { value: "M-1", fields: { Name: "One" } },
        { value: "M-2", fields: {} },
      ],
      allOrNone: true,
    });
    assert.deepEqual(
      upserted.results.map(({ errors }: Answer) => errors[0].code),
      ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"],
    );
    const gone = await run("delete-records", { ids: [id] });
    assert.deepEqual(gone.results[0], { id, success: true, created: false, errors: [] });
  });

  test("can be written by requests that build on one another", async () => {
    const { responses } = await run("composite", {
      allOrNone: true,
      requests: [
        { referenceId: "account", method: "POST", path: "/sobjects/Account", body: { Name: "Composite" } },
        {
          referenceId: "contact",
          method: "POST",
          path: "/sobjects/Contact",
          body: { LastName: "C", AccountId: "@{account.id}" },
        },
        { referenceId: "read", method: "GET", path: "/sobjects/Contact/@{contact.id}" },
      ],
    });
    assert.deepEqual(
      responses.map(({ status }: Answer) => status),
      [201, 201, 200],
    );
    assert.equal(responses[2].body.AccountId, responses[0].body.id);
    for (const path of ["/tooling/query?q=x", "/sobjects/../tooling", "/limits", "//evil"])
      await assert.rejects(
        run("composite", { requests: [{ referenceId: "x", method: "GET", path }] }),
        TypeError,
      );
  });

  test("that were changed or deleted in a span are told", async () => {
    now += 3_600_000;
    const from = new Date(now).toISOString();
    const [kept, gone] = [
      await create("Lead", { LastName: "K", Company: "C" }),
      await create("Lead", { LastName: "G", Company: "C" }),
    ];
    await run("delete-record", { object: "Lead", id: gone });
    now += 120_000;
    const span = { object: "Lead", from, to: new Date(now).toISOString() };
    assert.deepEqual((await run("get-updated", span)).ids, [kept]);
    const { records } = await run("get-deleted", span);
    assert.deepEqual(records, [{ id: gone, deletedAt: from }]);
  });
});

describe("refusals", () => {
  for (const [status, errorCode, code] of [
    [400, "INVALID_FIELD", "invalid-input"],
    [400, "MALFORMED_QUERY", "invalid-input"],
    [400, "REQUIRED_FIELD_MISSING", "invalid-input"],
    [400, "DUPLICATE_VALUE", "conflict"],
    [400, "DUPLICATES_DETECTED", "conflict"],
    [404, "ENTITY_IS_DELETED", "not-found"],
    [404, "NOT_FOUND", "not-found"],
    [401, "INVALID_SESSION_ID", "unauthorized"],
    [403, "API_DISABLED_FOR_ORG", "unauthorized"],
    [403, "INSUFFICIENT_ACCESS_OR_READONLY", "forbidden"],
    [403, "REQUEST_LIMIT_EXCEEDED", "rate-limited"],
    [400, "UNABLE_TO_LOCK_ROW", "rate-limited"],
    [400, "QUERY_TIMEOUT", "vendor-unavailable"],
    [503, "SERVER_UNAVAILABLE", "vendor-unavailable"],
    [400, "STORAGE_LIMIT_EXCEEDED", "vendor-error"],
  ] as const)
    test(`with ${errorCode} have their class, message, code and fields`, async () => {
      connected.answerNext(() =>
        Response.json([{ errorCode, message: "No.", fields: ["Name"] }], { status }),
      );
      await assert.rejects(run("get-limits"), {
        code,
        message: "No.",
        details: { status, code: errorCode, fields: ["Name"] },
      });
    });

  test("for want of requests say to wait an hour, and not for too many at a time", async () => {
    for (const [kind, retryAfterMs] of [
      ["TotalRequests", 3_600_000],
      ["ConcurrentRequests", undefined],
      ["ConcurrentPerOrgLongTxn", undefined],
    ] as const) {
      const refusal = { errorCode: "REQUEST_LIMIT_EXCEEDED", message: `${kind} Limit exceeded.` };
      connected.answerNext(() => Response.json([refusal], { status: 403 }));
      await assert.rejects(run("get-limits"), { code: "rate-limited", retryAfterMs });
    }
  });

  test("without Salesforce's body have the class of their status", async () => {
    connected.answerNext(() => new Response("<html>", { status: 503 }));
    await assert.rejects(run("get-limits"), {
      code: "vendor-unavailable",
      message: "Salesforce answered 503.",
    });
  });
});
