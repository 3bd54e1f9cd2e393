/** jsforce reads and writes the stand-in's records, as it does Salesforce's. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Connected, connect, refusalOf } from "./connect.ts";

let connected: Connected;
let now = Date.UTC(2026, 10, 1, 12);
before(async () => {
  connected = await connect({ nowMs: () => now });
});
after(() => connected.close());

const sobject = (name: string) => connected.salesforce.sobject(name);
type Fields = { [field: string]: unknown };
/** What one of several records was refused with. */
const codeOf = ({ errors }: { errors: readonly unknown[] }): string | undefined =>
  (errors[0] as { statusCode?: string } | undefined)?.statusCode;
/** The id of a record that was written. */
const create = async (name: string, fields: Fields): Promise<string> => {
  const result = await sobject(name).create(fields);
  assert.ok(result.success);
  return result.id;
};

test("objects and their fields are described", async () => {
  const { sobjects } = await connected.salesforce.describeGlobal();
  assert.ok(sobjects.some(({ name, custom }) => name === "Invoice__c" && custom));
  const { fields, keyPrefix } = await connected.salesforce.describe("Opportunity");
  assert.equal(keyPrefix, "006");
  const field = (name: string) => fields.find((one) => one.name === name);
  assert.deepEqual([field("StageName")?.type, field("StageName")?.nillable], ["picklist", false]);
  assert.deepEqual(field("AccountId")?.referenceTo, ["Account"]);
  assert.equal((await refusalOf(connected.salesforce.describe("Nothing"))).errorCode, "NOT_FOUND");
});

test("a record is created, read, changed and deleted", async () => {
  const id = await create("Contact", { LastName: "Lovelace", FirstName: "Ada", Birthdate: "1815-12-10" });
  assert.match(id, /^003[A-Za-z0-9]{15}$/);
  const found = await sobject("Contact").retrieve(id);
  assert.deepEqual([found.Name, found.Birthdate, found.Email], ["Ada Lovelace", "1815-12-10", null]);
  assert.equal(found.CreatedDate, "2026-11-01T12:00:00.000+0000");
  await sobject("Contact").update({ Id: id, Email: "ada@example.com" });
  assert.equal(
    (await sobject("Contact").retrieve(id.slice(0, 15))).Email,
    "ada@example.com",
    "by 15 characters",
  );
  await sobject("Contact").destroy(id);
  assert.equal((await refusalOf(sobject("Contact").retrieve(id))).errorCode, "ENTITY_IS_DELETED");
  assert.equal((await refusalOf(sobject("Contact").destroy(id))).errorCode, "ENTITY_IS_DELETED");
});

const refused: [what: string, fields: Fields, errorCode: string, names: string[] | undefined][] = [
  ["without what it needs", { FirstName: "A" }, "REQUIRED_FIELD_MISSING", ["LastName"]],
  ["with an unknown field", { LastName: "A", Shoe: 1 }, "INVALID_FIELD", undefined],
  [
    "with what is not for clients",
    { LastName: "A", CreatedDate: "2026-01-01T00:00:00Z" },
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    ["CreatedDate"],
  ],
  ["that is too long", { LastName: "A".repeat(81) }, "STRING_TOO_LONG", ["LastName"]],
  ["with a bad address", { LastName: "A", Email: "a" }, "INVALID_EMAIL_ADDRESS", ["Email"]],
  [
    "of an account that there is not",
    { LastName: "A", AccountId: "001000000000000AAA" },
    "INVALID_CROSS_REFERENCE_KEY",
    [],
  ],
  ["of what is no id", { LastName: "A", AccountId: "acme" }, "MALFORMED_ID", ["AccountId"]],
  ["with a number that is none", { LastName: "A", Birthdate: "soon" }, "JSON_PARSER_ERROR", undefined],
];
for (const [what, fields, errorCode, names] of refused)
  test(`a record ${what} is refused`, async () => {
    const { errorCode: code, fields: about } = await refusalOf(sobject("Contact").create(fields));
    assert.deepEqual([code, about], [errorCode, names]);
  });

test("an external id finds its record, and is there once", async () => {
  const upsert = (fields: Fields) => sobject("Invoice__c").upsert(fields, "External_Id__c");
  const made = await upsert({ External_Id__c: "INV-1", Name: "First", Amount__c: 10 });
  assert.equal(made.success && made.created, true);
  const changed = await upsert({ External_Id__c: "inv-1", Amount__c: 12.5 });
  assert.deepEqual([changed.id, changed.success && changed.created], [made.id, false]);
  assert.equal((await sobject("Invoice__c").retrieve(made.id ?? "")).Amount__c, 12.5);
  const read = (value: string) =>
    connected.salesforce.request<{ Id: string }>(`/sobjects/Invoice__c/External_Id__c/${value}?fields=Name`);
  assert.equal((await read("INV-1")).Id, made.id);
  assert.equal((await refusalOf(read("INV-2"))).errorCode, "NOT_FOUND");
  const twice = await refusalOf(sobject("Invoice__c").create({ Name: "Second", External_Id__c: "INV-1" }));
  assert.equal(twice.errorCode, "DUPLICATE_VALUE");
});

test("several records are written at once, each for itself, or all or none", async () => {
  const records = [{ Name: "A" }, {}, { Name: "C" }];
  const count = async () => (await connected.salesforce.query("SELECT COUNT() FROM Account")).totalSize;
  const before = await count();
  const mixed = await sobject("Account").create(records);
  assert.deepEqual(
    mixed.map(({ success }) => success),
    [true, false, true],
  );
  assert.equal(codeOf(mixed[1] ?? { errors: [] }), "REQUIRED_FIELD_MISSING");
  assert.equal(await count(), before + 2);
  const none = await sobject("Account").create(records, { allOrNone: true });
  assert.deepEqual(none.map(codeOf), [
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "REQUIRED_FIELD_MISSING",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
  ]);
  assert.equal(await count(), before + 2);
  const ids = mixed.flatMap(({ id }) => (id ? [id] : []));
  const read = await sobject("Account").retrieve(ids);
  assert.deepEqual(
    read.map(({ Name }) => Name),
    ["A", "C"],
  );
  const gone = await sobject("Account").destroy(ids);
  assert.ok(gone.every(({ success }) => success));
  assert.equal(await count(), before);
});

test("requests of one call take what earlier ones answered, and are undone together", async () => {
  const send = (allOrNone: boolean, lastName: string | undefined) =>
    connected.salesforce.requestPost<{ compositeResponse: { httpStatusCode: number; body: unknown }[] }>(
      "/composite",
      {
        allOrNone,
        compositeRequest: [
          {
            method: "POST",
            url: "/services/data/v66.0/sobjects/Account",
            referenceId: "acc",
            body: { Name: "Composite" },
          },
          {
            method: "POST",
            url: "/services/data/v66.0/sobjects/Contact",
            referenceId: "person",
            body: { AccountId: "@{acc.id}", ...(lastName && { LastName: lastName }) },
          },
        ],
      },
    );
  const statuses = (reply: Awaited<ReturnType<typeof send>>) =>
    reply.compositeResponse.map(({ httpStatusCode }) => httpStatusCode);
  assert.deepEqual(statuses(await send(true, undefined)), [400, 400]);
  const soql = "SELECT Name, Account.Name FROM Contact WHERE Account.Name = 'Composite'";
  assert.equal((await connected.salesforce.query(soql)).totalSize, 0);
  assert.deepEqual(statuses(await send(true, "Person")), [201, 201]);
  const { records } = await connected.salesforce.query<{ Account: { Name: string } }>(soql);
  assert.equal(records[0]?.Account.Name, "Composite");
});

test("what was changed and what was deleted in a span is told", async () => {
  now += 3_600_000;
  const start = new Date(now);
  const [kept, gone] = [
    await create("Lead", { LastName: "K", Company: "C" }),
    await create("Lead", { LastName: "G", Company: "C" }),
  ];
  now += 60_000;
  await sobject("Lead").destroy(gone);
  now += 60_000;
  const end = new Date(now);
  assert.deepEqual((await sobject("Lead").updated(start, end)).ids, [kept]);
  const { deletedRecords } = await sobject("Lead").deleted(start, end);
  assert.deepEqual(
    deletedRecords.map(({ id }) => id),
    [gone],
  );
  const tooShort = await refusalOf(sobject("Lead").updated(start, start));
  assert.equal(tooShort.errorCode, "INVALID_REPLICATION_DATE");
});

test("a record that somebody else is writing, and what belongs to it, has to wait", async () => {
  const { locked } = connected.org("acme");
  const { id = "" } = await sobject("Account").create({ Name: "Busy" });
  locked.add(id);
  const busy = await refusalOf(sobject("Account").update({ Id: id, Name: "Busier" }));
  assert.equal(busy.errorCode, "UNABLE_TO_LOCK_ROW");
  assert.match(busy.message, new RegExp(`^unable to obtain exclusive access .*: ${id}$`));
  const child = await refusalOf(sobject("Contact").create({ LastName: "Child", AccountId: id }));
  assert.equal(child.errorCode, "UNABLE_TO_LOCK_ROW");
  const [one] = await sobject("Account").destroy([id]);
  assert.equal(codeOf(one ?? { errors: [] }), "UNABLE_TO_LOCK_ROW");
  locked.delete(id);
  assert.equal((await sobject("Account").destroy(id)).success, true);
});

test("fields that users may not see are not there for them", async () => {
  const own = await connect({ orgs: { acme: { hiddenFields: ["Account.Rating"] } } });
  try {
    const { fields } = await own.salesforce.describe("Account");
    assert.ok(!fields.some(({ name }) => name === "Rating"));
    const { id = "" } = await own.salesforce.sobject("Account").create({ Name: "Seen" });
    assert.ok(!("Rating" in (await own.salesforce.sobject("Account").retrieve(id))));
    const read = await refusalOf(own.salesforce.query("SELECT Rating FROM Account"));
    const made = await refusalOf(own.salesforce.sobject("Account").create({ Name: "A", Rating: "Hot" }));
    assert.deepEqual([read.errorCode, made.errorCode], ["INVALID_FIELD", "INVALID_FIELD"]);
  } finally {
    await own.close();
  }
});
