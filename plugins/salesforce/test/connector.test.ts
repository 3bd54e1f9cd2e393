import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { apiVersion } from "../api/org.ts";
import manifest from "../plugin.json" with { type: "json" };
import { type Connected, connect } from "./connect.ts";

let now = Date.UTC(2026, 10, 1, 12);
let connected: Connected;
before(async () => {
  connected = await connect({ nowMs: () => now });
});
after(() => connected.close());

// biome-ignore lint/suspicious/noExplicitAny: what an action answers is known to the test that runs it
type Answer = any;
const run = (action: string, input: object = {}): Promise<Answer> =>
  connected.host.run(action, input as never);
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

describe("records of standard objects", () => {
  test("are created, read, changed, listed and removed", async () => {
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
    await assert.rejects(entity("account", "get", { key: "../describe" }), { code: "not-found" });
  });

  test("come page by page, also those that were changed since a time", async () => {
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

  test("of all kinds are read as they were written", async () => {
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

  test("do not take standard fields under customFields", async () => {
    await assert.rejects(
      entity("account", "create", { record: { name: "A", customFields: { OwnerId: "x" } } }),
      {
        code: "invalid-input",
        details: { pointer: "/customFields/OwnerId" },
      },
    );
  });

  test("are told from the beginning, then as they change, and as they are deleted", async () => {
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
});

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

describe("bulk jobs", () => {
  test("write records, and tell what became of each", async () => {
    const job = await run("start-bulk-write", {
      object: "Invoice__c",
      operation: "upsert",
      externalIdField: "External_Id__c",
      records: [
        { External_Id__c: "J-1", Name: 'Says "hi",\nthen goes', Amount__c: 2, Paid__c: true },
        { External_Id__c: "J-2" },
        { External_Id__c: "J-3", Name: "Third", Amount__c: null },
      ],
    });
    assert.deepEqual([job.state, job.isDone], ["UploadComplete", false]);
    let told = job;
    while (!told.isDone) told = await run("get-bulk-job", { id: job.id });
    assert.deepEqual([told.state, told.recordsProcessed, told.recordsFailed], ["JobComplete", 3, 1]);
    const first = await run("read-bulk-result", { id: job.id, of: "written", limit: 1 });
    const second = await run("read-bulk-result", {
      id: job.id,
      of: "written",
      limit: 1,
      cursor: first.nextCursor,
    });
    assert.deepEqual([first.items[0].created, first.items[0].fields.Name], [true, 'Says "hi",\nthen goes']);
    assert.deepEqual([second.items[0].fields.External_Id__c, second.nextCursor], ["J-3", null]);
    const failed = await run("read-bulk-result", { id: job.id, of: "failed" });
    assert.match(failed.items[0].error, /^REQUIRED_FIELD_MISSING/);
    const { Name, Paid__c } = await run("get-record", { object: "Invoice__c", id: first.items[0].id });
    assert.deepEqual([Name, Paid__c], ['Says "hi",\nthen goes', true]);
    await run("delete-bulk-job", { id: job.id });
    await assert.rejects(run("get-bulk-job", { id: job.id }), { code: "not-found" });
  });

  test("take as many records as an input may have", async () => {
    const records = Array.from({ length: 20_000 }, (_, index) => ({
      Name: `Bulk ${index}`,
      Industry: "Energy",
      Rating: "Hot",
    }));
    const { id } = await run("start-bulk-write", { object: "Account", operation: "insert", records });
    const csv = connected.vendor.requests.findLast(({ method }) => method === "PUT")?.body ?? "";
    assert.equal(csv.split("\n").length, 20_002);
    await run("abort-bulk-job", { id });
  });

  test("are made, uploaded to, started and stopped step by step", async () => {
    const { id } = await run("create-bulk-job", { object: "Account", operation: "insert" });
    await run("upload-bulk-data", { id, csv: "Name\nStep\n" });
    await assert.rejects(run("upload-bulk-data", { id, csv: "Name\nStep\n" }), { code: "conflict" });
    assert.equal((await run("close-bulk-job", { id })).state, "UploadComplete");
    assert.deepEqual((await run("abort-bulk-job", { id })).isDone, true);
    await assert.rejects(run("create-bulk-job", { object: "Account", operation: "upsert" }), {
      code: "invalid-input",
    });
    await assert.rejects(run("upload-bulk-data", { id }), { code: "invalid-input" });
  });

  test("whose upload fails are stopped, and not left open", async () => {
    connected.answerNext((request) => {
      assert.equal(request.method, "POST");
      return Response.json({ id: "750000000000001AAA", operation: "insert", state: "Open" });
    });
    connected.answerNext(() =>
      Response.json([{ errorCode: "SERVER_UNAVAILABLE", message: "Busy" }], { status: 503 }),
    );
    const aborted = Promise.withResolvers<unknown>();
    connected.answerNext((request) => {
      void request.json().then(aborted.resolve);
      return Response.json({ id: "750000000000001AAA", operation: "insert", state: "Aborted" });
    });
    const write = run("start-bulk-write", { object: "Account", operation: "insert", csv: "Name\nA\n" });
    await assert.rejects(write, { code: "vendor-unavailable" });
    assert.deepEqual(await aborted.promise, { state: "Aborted" });
  });

  test("read records by locators", async () => {
    const { id } = await run("start-bulk-query", {
      soql: "SELECT Id, Name, Owner.Name FROM Account WHERE Name LIKE 'Many %'",
    });
    while (!(await run("get-bulk-query", { id })).isDone);
    const found = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await run("read-bulk-query", { id, limit: 900, ...(cursor && { cursor }) });
      for (const { Id } of page.items) found.add(Id);
      cursor = page.nextCursor;
    } while (cursor);
    assert.equal(found.size, 2_200);
    await run("delete-bulk-query", { id });
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
    [400, "INSUFFICIENT_ACCESS_OR_READONLY", "unauthorized"],
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

  test("without Salesforce's body have the class of their status", async () => {
    connected.answerNext(() => new Response("<html>", { status: 503 }));
    await assert.rejects(run("get-limits"), {
      code: "vendor-unavailable",
      message: "Salesforce answered 503.",
    });
  });
});

describe("triggers", () => {
  const poller = (trigger: string, config: object) => {
    let cursor: string | null = null;
    return async () => {
      const found: Answer[] = [];
      for (let more = true; more; ) {
        const page = await connected.host.poll(trigger, { cursor, config: config as never });
        found.push(...page.items);
        cursor = page.cursor;
        more = page.hasMore;
      }
      return found;
    };
  };

  test("find new records and changed ones, of any object, with keys of their own", async () => {
    now += 3_600_000;
    const config = {
      object: "Invoice__c",
      fields: ["Name", "Account__r.Name"],
      where: [{ field: "Amount__c", operator: "greater", value: 1_000 }],
    };
    const [pollNew, pollChanged] = [poller("new-record", config), poller("updated-record", config)];
    assert.deepEqual([await pollNew(), await pollChanged()], [[], []]);
    now += 600_000;
    const id = await create("Invoice__c", { Name: "Large", Amount__c: 2_000 });
    await create("Invoice__c", { Name: "Small", Amount__c: 2 });
    const [made] = await pollNew();
    assert.deepEqual([made.key, made.item.record.Name, made.item.object], [id, "Large", "Invoice__c"]);
    const [first] = await pollChanged();
    now += 1_000;
    await run("update-record", { object: "Invoice__c", id, fields: { Name: "Larger" } });
    const changed = await pollChanged();
    assert.deepEqual(
      changed.map(({ item }) => item.record.Name),
      ["Larger"],
    );
    assert.notEqual(changed[0].key, first.key);
    assert.deepEqual(
      (await pollNew()).map(({ key }) => key),
      [id],
      "told again under the same key",
    );
  });

  test("find each of many, over pages", async () => {
    now += 3_600_000;
    const poll = poller("new-record", { object: "Lead", where: [{ field: "Company", value: "Trigger" }] });
    const records = Array.from({ length: 200 }, (_, index) => ({
      LastName: `T${index}`,
      Company: "Trigger",
    }));
    await run("create-records", { object: "Lead", records });
    await run("create-records", { object: "Lead", records: records.slice(0, 50) });
    assert.equal(new Set((await poll()).map(({ key }) => key)).size, 250);
  });
});

describe("outbound messages", () => {
  test("become events about the records, without the session that may be in them", async () => {
    connected.vendor.sendOutboundMessages("acme", {
      object: "Contact",
      fields: ["LastName", "Email"],
      endpoint: "http://127.0.0.1:9/",
      sessionId: "00D!secret-session",
    });
    const id = await create("Contact", { LastName: "<O'Neill & Sons>" });
    await connected.vendor.deliverDue();
    const body = connected.vendor.deliveries.at(-1)?.body ?? "";
    assert.match(body, /secret-session/);
    const { events, reply } = await connected.host.receive({ rawBody: body });
    assert.equal(events.length, 1);
    assert.deepEqual([reply.status, reply.contentType], [200, "text/xml; charset=utf-8"]);
    assert.match(reply.body, /<notificationsResponse [^>]*><Ack>true<\/Ack>/);
    const [event] = events;
    assert.deepEqual([event?.type, event?.entity, event?.key], ["outbound-message.received", "contact", id]);
    assert.match(event?.id ?? "", /^04l/);
    const { object, recordId, fields } = (event?.data ?? {}) as Answer;
    assert.deepEqual([object, recordId, fields], ["Contact", id, { Id: id, LastName: "<O'Neill & Sons>" }]);
    assert.doesNotMatch(JSON.stringify(events), /secret-session/);
    assert.deepEqual(
      (await connected.host.normalize({ rawBody: body })).map((one) => one.id),
      [event?.id],
      "the same id when it comes again",
    );
  });

  test("of another org, with entities of their own, or that are none are refused", async () => {
    const body = connected.vendor.deliveries.at(-1)?.body ?? "";
    const refused = { code: "invalid-input" };
    const other = body.replace(/<OrganizationId>[^<]*/, "<OrganizationId>00D000000000099AAA");
    await assert.rejects(connected.host.normalize({ rawBody: other }), refused);
    const bomb = body
      .replace(
        "<soapenv:Envelope",
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><soapenv:Envelope',
      )
      .replace("&lt;", "&a;&b;");
    await assert.rejects(connected.host.normalize({ rawBody: bomb }), refused);
    for (const rawBody of [
      "",
      "{}",
      "<html/>",
      body.slice(0, -20),
      body.replaceAll("notifications", "other"),
    ])
      await assert.rejects(connected.host.normalize({ rawBody }), refused, rawBody);
  });
});
