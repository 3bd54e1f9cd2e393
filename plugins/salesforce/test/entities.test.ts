/** Records of standard objects, through entities and the actions that follow from them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apiVersion } from "../api/org.ts";
import manifest from "../plugin.json" with { type: "json" };
import { type Answer, type Connected, connect } from "./connect.ts";

let now = Date.UTC(2026, 10, 1, 12);
let connected: Connected;
const [acme, narrow] = ["00Dacme!token", "00Dnarrow!token"];
before(async () => {
  connected = await connect({
    nowMs: () => now,
    sessionSeconds: 7 * 86_400,
    orgs: { acme: {}, narrow: { hiddenFields: ["Account.AnnualRevenue", "Account.Rating"] } },
    accessTokens: { [acme]: "acme", [narrow]: "narrow" },
  });
});
after(() => connected.close());

const run: Connected["run"] = (...args) => connected.run(...args);
const entity: Connected["host"]["entity"] = (...args) => connected.host.entity(...args);
const create = async (object: string, fields: object): Promise<string> =>
  (await run("create-record", { object, fields })).id;
const ids = (items: { id: string }[]) => items.map(({ id }) => id);

test("requests go to the pinned version, at the org's own address", async () => {
  const paths = manifest.permissions.network.flatMap(({ paths }) => paths);
  const versions = new Set(
    paths.map((path) => /^\/services\/data\/v([\d.]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  assert.deepEqual([...versions], [apiVersion]);
  await run("get-limits");
  const { url } = connected.host.requests.at(-1) ?? { url: "" };
  assert.equal(url, `https://acme.my.salesforce.com/services/data/v${apiVersion}/limits`);
});

test("records are created, read, changed, listed and removed", async () => {
  const made = await entity("account", "create", {
    record: {
      name: "Acme",
      annualRevenue: 12.5,
      billingCity: "Oslo",
      customFields: { Region__c: "North" },
    },
  });
  assert.equal(made.name, "Acme");
  assert.deepEqual(made.customFields, { Region__c: "North" });
  assert.equal(made.systemModstamp, "2026-11-01T12:00:00.000Z");
  const key = String(made.id);
  assert.deepEqual(await entity("account", "get", { key: key.slice(0, 15) }), made);
  const changes = { billingCity: null, customFields: { Region__c: "South" } };
  const changed = await entity("account", "update", { key, changes });
  assert.deepEqual(
    [changed.name, changed.billingCity, changed.customFields],
    ["Acme", null, { Region__c: "South" }],
  );
  const { items } = await entity("account", "list", { filter: { name: "acme" } });
  assert.deepEqual(items, [changed]);
  await entity("account", "remove", { key });
  await assert.rejects(entity("account", "get", { key }), { code: "not-found" });
  // As the host repeats them when a reply was lost.
  await entity("account", "remove", { key });
  await run("delete-record", { object: "Account", id: key });
  await assert.rejects(entity("account", "remove", { key: `${key.slice(0, 12)}999` }), { code: "not-found" });
  await assert.rejects(entity("account", "get", { key: "../describe" }), { code: "not-found" });
});

test("records come page by page, also those that were changed since a time", async () => {
  now += 3_600_000;
  const since = new Date(now).toISOString();
  const made: string[] = [];
  for (let index = 0; index < 5; index++) {
    made.push(await create("Lead", { LastName: `Page ${index}`, Company: "Pages" }));
    if (index % 2 === 1) now += 1_000;
  }
  for (const more of [{}, { updatedSince: since }]) {
    const all: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Answer = await entity("lead", "list", {
        limit: 2,
        cursor,
        filter: { company: "Pages" },
        ...more,
      });
      all.push(...ids(page.items));
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.deepEqual(all, made);
  }
  const later = await entity("lead", "list", { updatedSince: new Date(now + 1_000).toISOString() });
  assert.deepEqual(later.items, []);
});

test("records of all kinds are read as they were written", async () => {
  const { id: accountId } = await run("create-account", { name: "Kinds" });
  const contact = await run("create-contact", {
    lastName: "Lovelace",
    firstName: "Ada",
    birthdate: "1815-12-10",
    accountId,
  });
  assert.deepEqual(
    [contact.name, contact.birthdate, contact.accountId],
    ["Ada Lovelace", "1815-12-10", accountId],
  );
  const opportunity = await run("create-opportunity", {
    name: "Deal",
    stageName: "Closed Won",
    closeDate: "2026-12-24",
    amount: 99.5,
    accountId,
  });
  assert.deepEqual([opportunity.isWon, opportunity.amount], [true, 99.5]);
  const supportCase = await run("create-case", { subject: "Broken", contactId: contact.id });
  const closed = await run("update-case", { id: supportCase.id, changes: { status: "Closed" } });
  assert.deepEqual([closed.isClosed, closed.closedDate], [true, new Date(now).toISOString()]);
  assert.deepEqual(ids((await run("list-opportunities", { accountId })).items), [opportunity.id]);
  await assert.rejects(run("create-lead", { lastName: "A" }), { message: /company is missing/ });
});

test("records do not take standard fields under customFields", async () => {
  await assert.rejects(
    entity("account", "create", { record: { name: "A", customFields: { OwnerId: "x" } } }),
    {
      code: "invalid-input",
      details: { pointer: "/customFields/OwnerId" },
    },
  );
});

test("records are told from the beginning, then as they change, and as they are deleted", async () => {
  now += 3_600_000;
  const made: string[] = [];
  for (const subject of ["a", "b", "c"]) made.push(await create("Case", { Subject: subject }));
  const [a = "", b = "", c = ""] = made;
  let cursor: string | null = null;
  const read = async () => {
    const told: string[] = [];
    for (let more: boolean | undefined = true; more; ) {
      const page: Answer = await entity("case", "changesSince", { cursor, limit: 2 });
      told.push(...page.changes.map(({ op, key }: Answer) => `${op} ${key}`));
      ({ cursor, hasMore: more } = page);
    }
    return told;
  };
  const first = await read();
  assert.deepEqual(first.slice(-3), [`upsert ${a}`, `upsert ${b}`, `upsert ${c}`]);
  // What was told within the last minutes is told again: something older could have been written meanwhile.
  now += 600_000;
  await read();
  assert.deepEqual(await read(), []);
  await run("update-record", { object: "Case", id: b, fields: { Subject: "b2" } });
  await run("delete-record", { object: "Case", id: a });
  assert.deepEqual(
    await read(),
    [`upsert ${b}`, `remove ${a}`].sort((x, y) => (x.slice(7) < y.slice(7) ? -1 : 1)),
  );
  await assert.rejects(entity("case", "changesSince", { cursor: "[]", limit: 1 }), {
    code: "invalid-input",
  });
});

test("fields that the user may not see are null, and the others are read all the same", async () => {
  connected.useToken(narrow);
  try {
    await create("Account", { Name: "Seen", Industry: "Energy" });
    const { items } = await entity("account", "list", {});
    const [listed]: Answer[] = items;
    assert.deepEqual([listed.name, listed.industry, listed.rating], ["Seen", "Energy", null]);
    assert.deepEqual(await entity("account", "get", { key: listed.id }), listed);
    const { changes }: Answer = await entity("account", "changesSince", { cursor: null, limit: 10 });
    assert.deepEqual(changes[0].record, listed);
    const hidden = entity("account", "create", { record: { name: "A", rating: "Hot" } });
    await assert.rejects(hidden, { code: "invalid-input", details: { status: 400, code: "INVALID_FIELD" } });
    await assert.rejects(run("query", { soql: "SELECT Rating FROM Account" }), { code: "invalid-input" });
  } finally {
    connected.useToken(acme);
  }
});

test("many records are written in one request, and each is told of", async () => {
  const { batch } = connected.host;
  const requests = () => connected.vendor.requests.length;
  const before = requests();
  const made: Answer[] = await batch("contact", [
    { op: "create", record: { lastName: "One" } },
    { op: "create", record: { lastName: "Two", email: "none" } },
    { op: "create", record: { lastName: "Three", customFields: { OwnerId: "x" } } },
    { op: "create", record: { lastName: "Four" } },
  ]);
  assert.equal(requests() - before, 1);
  const failures = made.map((one: Answer) => [one.code, one.details?.code]);
  assert.deepEqual(failures, [
    [undefined, undefined],
    ["invalid-input", "INVALID_EMAIL_ADDRESS"],
    ["invalid-input", undefined],
    [undefined, undefined],
  ]);
  const [one, , , four] = made.map((outcome: Answer) => outcome.key);
  connected.vendor.org("acme").locked.add(four);
  const changed: Answer[] = await batch("contact", [
    { op: "update", key: one, record: { firstName: "No" } },
    { op: "update", key: four, record: { firstName: "No" } },
    { op: "update", key: "../describe", record: { firstName: "No" } },
  ]);
  assert.deepEqual(
    changed.map(({ key, code }) => code ?? key),
    [one, "rate-limited", "not-found"],
  );
  connected.vendor.org("acme").locked.clear();
  for (const time of ["first", "again"]) {
    const gone: Answer[] = await batch("contact", [
      { op: "remove", key: one },
      { op: "remove", key: four },
    ]);
    assert.deepEqual(
      gone.map(({ key }) => key),
      [one, four],
      time,
    );
  }
  assert.equal(
    (await run("query", { soql: "SELECT COUNT() FROM Contact WHERE LastName = 'One'" })).totalSize,
    0,
  );
});

test("records are written under keys of the application's, once", async () => {
  const upsert = (name: string) => entity("account", "upsert", { key: "ERP/7;%", record: { name } });
  const made = await upsert("First");
  const changed = await upsert("Second");
  assert.deepEqual([changed.id, changed.name], [made.id, "Second"]);
  const [again, other]: Answer[] = await connected.host.batch("account", [
    { op: "upsert", key: "ERP/7;%", record: { name: "Third" } },
    { op: "upsert", key: "ERP/8", record: { name: "Other" } },
  ]);
  assert.equal(again.key, made.id);
  assert.notEqual(other.key, made.id);
  assert.equal((await entity("account", "get", { key: again.key })).name, "Third");
  const step = await run("upsert-account", { key: "ERP/8", record: { name: "By a step" } });
  assert.deepEqual([step.id, step.name], [other.key, "By a step"]);
  const unnamed = entity("lead", "upsert", { key: "L-1", record: { lastName: "A", company: "B" } });
  await assert.rejects(unnamed, { code: "invalid-input", message: /externalIds/ });
});

test("a record that was written is not reported as one that was refused", async () => {
  const id = "001000000000001AAA";
  connected.answerNext(() => Response.json({ id, success: true, errors: [] }, { status: 201 }));
  connected.answerNext(() => Response.json([{ errorCode: "NOT_FOUND", message: "No." }], { status: 404 }));
  await assert.rejects(entity("account", "create", { record: { name: "A" } }), {
    code: "vendor-error",
    details: { record: { id } },
  });
});
