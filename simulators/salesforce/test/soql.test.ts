/** Queries, as jsforce sends and reads them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Connected, connect, refusalOf } from "./connect.ts";

let connected: Connected;
/** Ids of the accounts below. */
let records: (string | undefined)[];
const now = Date.UTC(2026, 10, 15, 12);
before(async () => {
  connected = await connect({ nowMs: () => now, batchSize: 200 });
  const accounts = await connected.salesforce.sobject("Account").create([
    { Name: "Acme", Industry: "Energy", AnnualRevenue: 100 },
    { Name: 'O\'Neill & "Sons"', Industry: "Banking", AnnualRevenue: 250.5 },
    { Name: "100% Wool_", Industry: null },
  ]);
  records = accounts.map(({ id }) => id);
  const [acme] = accounts;
  await connected.salesforce.sobject("Opportunity").create([
    { Name: "Old", StageName: "Closed Won", CloseDate: "2026-10-02", AccountId: acme?.id, Amount: 5 },
    { Name: "Now", StageName: "Prospecting", CloseDate: "2026-11-15", AccountId: acme?.id, Amount: 7 },
    { Name: "Next", StageName: "Closed Lost", CloseDate: "2026-12-24" },
  ]);
});
after(() => connected.close());

const names = async (soql: string): Promise<unknown[]> =>
  (await connected.salesforce.query<{ Name: string }>(soql)).records.map(({ Name }) => Name);
const [acme, sons, wool] = ["Acme", 'O\'Neill & "Sons"', "100% Wool_"];

const found: [where: string, expected: string[]][] = [
  ["Industry = 'energy'", [acme]],
  ["Industry != 'Energy'", [wool, sons]],
  ["Industry = null", [wool]],
  ["Industry IN ('Energy', 'Banking') AND AnnualRevenue >= 250", [sons]],
  ["Industry NOT IN ('Energy') AND NOT Name LIKE '%wool%'", [sons]],
  ["Name = 'O\\'Neill & \\\"Sons\\\"'", [sons]],
  ["Name LIKE '%\\%%'", [wool]],
  ["Name LIKE '100_ wool\\_'", [wool]],
  ["(Industry = 'Energy' OR AnnualRevenue > 200) AND Name != null", [acme, sons]],
  ["CreatedDate = TODAY AND Owner.Username LIKE 'admin@%'", [wool, acme, sons]],
  ["CreatedDate < 2026-11-15T13:00:00+01:00", []],
  ["CreatedDate <= 2026-11-15T12:00:00Z", [wool, acme, sons]],
];
for (const [where, expected] of found)
  test(`WHERE ${where}`, async () => {
    assert.deepEqual(await names(`SELECT Name FROM Account WHERE ${where} ORDER BY Name`), expected);
  });

test("days, spans of days, and booleans", async () => {
  const of = (where: string) => names(`SELECT Name FROM Opportunity WHERE ${where} ORDER BY CloseDate`);
  assert.deepEqual(await of("CloseDate = LAST_MONTH"), ["Old"]);
  assert.deepEqual(await of("CloseDate >= TODAY"), ["Now", "Next"]);
  assert.deepEqual(await of("CloseDate = NEXT_N_DAYS:60"), ["Next"]);
  assert.deepEqual(await of("CloseDate > 2026-11-15 AND IsClosed = true"), ["Next"]);
  assert.deepEqual(await of("Account.Industry = 'Energy' AND IsWon = false"), ["Now"]);
});

test("order, limit and offset", async () => {
  const ordered = (rest: string) => names(`SELECT Name FROM Account ORDER BY ${rest}`);
  assert.deepEqual(await ordered("AnnualRevenue DESC NULLS LAST"), [sons, acme, wool]);
  assert.deepEqual(await ordered("AnnualRevenue"), [wool, acme, sons]);
  assert.deepEqual(await ordered("Name LIMIT 1 OFFSET 1"), [acme]);
});

test("related records come nested, and as null where there is none", async () => {
  const { records } = await connected.salesforce.query(
    "SELECT Name, Account.Name, Account.Owner.Username FROM Opportunity ORDER BY Name",
  );
  assert.deepEqual(
    records.map(
      ({ Account }) => Account && { ...Account, attributes: undefined, Owner: Account.Owner.Username },
    ),
    [
      null,
      { attributes: undefined, Name: "Acme", Owner: "admin@acme.example" },
      { attributes: undefined, Name: "Acme", Owner: "admin@acme.example" },
    ],
  );
});

test("records with what belongs to them, and those that others refer to", async () => {
  const { records } = await connected.salesforce.query(
    "SELECT Name, (SELECT Name FROM Opportunities WHERE Amount > 5 ORDER BY Name) FROM Account ORDER BY Name",
  );
  assert.deepEqual(
    records.map(({ Name, Opportunities }) => [
      Name,
      Opportunities?.records.map((one: { Name: string }) => one.Name),
    ]),
    [
      [wool, undefined],
      [acme, ["Now"]],
      [sons, undefined],
    ],
  );
  const having = (which: string) =>
    names(`SELECT Name FROM Account WHERE Id ${which} (SELECT AccountId FROM Opportunity) ORDER BY Name`);
  assert.deepEqual([await having("IN"), await having("NOT IN")], [[acme], [wool, sons]]);
});

test("groups, and what is counted of them", async () => {
  const query = async (soql: string) =>
    (await connected.salesforce.query(soql)).records.map(({ attributes: _, ...one }) => one);
  assert.deepEqual(
    await query(
      "SELECT AccountId, COUNT(Id), SUM(Amount) total, MAX(CloseDate) FROM Opportunity GROUP BY AccountId HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC",
    ),
    [{ AccountId: records[0], expr0: 2, total: 12, expr1: "2026-11-15" }],
  );
  assert.deepEqual(await query("SELECT AVG(Amount), MIN(Name), COUNT_DISTINCT(AccountId) FROM Opportunity"), [
    { expr0: 6, expr1: "Next", expr2: 1 },
  ]);
  assert.deepEqual(await query("SELECT COUNT(Id), SUM(Amount) FROM Opportunity WHERE Name = 'none'"), [
    { expr0: 0, expr1: null },
  ]);
});

test("all fields at once, of few records", async () => {
  const { records } = await connected.salesforce.query("SELECT FIELDS(ALL) FROM Account LIMIT 1");
  assert.ok(Object.keys(records[0] ?? {}).includes("Region__c"));
  const { errorCode } = await refusalOf(connected.salesforce.query("SELECT FIELDS(ALL) FROM Account"));
  assert.equal(errorCode, "MALFORMED_QUERY");
});

const refused: [soql: string, errorCode: string][] = [
  ["SELECT Name FROM Account WHERE", "MALFORMED_QUERY"],
  ["SELECT Name FROM Account WHERE Name = 'x", "MALFORMED_QUERY"],
  ["SELECT Name FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"],
  ["SELECT Name, FROM Account", "MALFORMED_QUERY"],
  ["SELECT Shoe FROM Account", "INVALID_FIELD"],
  ["SELECT Name, name FROM Account", "INVALID_FIELD"],
  ["SELECT Shoe.Name FROM Account", "INVALID_FIELD"],
  ["SELECT Name FROM Account WHERE Name = 5", "INVALID_FIELD"],
  ["SELECT Name FROM Account WHERE AnnualRevenue = '5'", "INVALID_FIELD"],
  ["SELECT Name FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"],
  ["SELECT Name FROM Account WHERE Description = 'x'", "INVALID_FIELD"],
  ["SELECT Name FROM Account WHERE Id = 'x'", "INVALID_FIELD"],
  ["SELECT Name FROM Shoe", "INVALID_TYPE"],
  ["SELECT Name FROM Account WHERE Name = :name", "MALFORMED_QUERY"],
  ["SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"],
  ["SELECT SUM(Name) FROM Account", "MALFORMED_QUERY"],
  ["SELECT Name FROM Account WHERE COUNT(Id) > 1", "MALFORMED_QUERY"],
  ["SELECT Name FROM Account WHERE Name IN (SELECT AccountId FROM Contact)", "INVALID_FIELD"],
  ["SELECT Name, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE"],
];
for (const [soql, errorCode] of refused)
  test(`${soql} is refused`, async () => {
    assert.equal((await refusalOf(connected.salesforce.query(soql))).errorCode, errorCode);
  });

test("what is refused is shown with its place", async () => {
  const message = async (soql: string) => (await refusalOf(connected.salesforce.query(soql))).message;
  assert.equal(
    await message("SELECT Id, Shoe\nFROM Account"),
    "\nSELECT Id, Shoe\n           ^\nERROR at Row:1:Column:12\nNo such column 'Shoe' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
  );
  assert.equal(
    await message("SELECT Id\nFROM Account WHERE Name LIKE"),
    "\nFROM Account WHERE Name LIKE\n                            ^\nERROR at Row:2:Column:29\nunexpected token: '<EOF>'",
  );
});

test("who opens an eleventh cursor loses the first", async () => {
  const own = await connect({ batchSize: 200 });
  try {
    const many = Array.from({ length: 201 }, (_, index) => ({ Name: `A${index}` }));
    await own.salesforce.sobject("Account").create(many, { allowRecursive: true });
    const pages: string[] = [];
    for (let opened = 0; opened < 11; opened++)
      pages.push((await own.salesforce.query("SELECT Id FROM Account")).nextRecordsUrl ?? "");
    const [first = "", second = ""] = pages;
    assert.equal((await refusalOf(own.salesforce.queryMore(first))).errorCode, "INVALID_QUERY_LOCATOR");
    assert.equal((await own.salesforce.queryMore(second)).done, true);
  } finally {
    await own.close();
  }
});

test("a long result comes in batches, which jsforce follows", async () => {
  const records = Array.from({ length: 450 }, (_, index) => ({ LastName: `L${index}`, Company: "Many" }));
  await connected.salesforce.sobject("Lead").create(records, { allowRecursive: true });
  const first = await connected.salesforce.query("SELECT Id FROM Lead ORDER BY Id");
  assert.deepEqual([first.totalSize, first.done, first.records.length], [450, false, 200]);
  assert.match(first.nextRecordsUrl ?? "", /\/services\/data\/v66\.0\/query\/01g\w{15}-200$/);
  const second = await connected.salesforce.queryMore(first.nextRecordsUrl ?? "");
  const third = await connected.salesforce.queryMore(second.nextRecordsUrl ?? "");
  const ids = [first, second, third].flatMap((page) => page.records.map(({ Id }) => Id));
  assert.deepEqual([new Set(ids).size, third.done], [450, true]);
  assert.deepEqual(ids, ids.toSorted());
  const all = await connected.salesforce.query("SELECT Id FROM Lead", { autoFetch: true, maxFetch: 1000 });
  assert.equal(all.records.length, 450);
  const { errorCode } = await refusalOf(
    Promise.resolve(connected.salesforce.queryMore("/services/data/v66.0/query/01gAAA-200")),
  );
  assert.equal(errorCode, "INVALID_QUERY_LOCATOR");
});

test("what is deleted is found only where it is asked for", async () => {
  const { id } = await connected.salesforce.sobject("Case").create({ Subject: "Gone" });
  await connected.salesforce.sobject("Case").destroy(id ?? "");
  const soql = "SELECT Id, IsDeleted FROM Case WHERE Subject = 'Gone'";
  assert.equal((await connected.salesforce.query(soql)).totalSize, 0);
  const { records } = await connected.salesforce.query(soql, { scanAll: true });
  assert.equal(records[0]?.IsDeleted, true);
});
