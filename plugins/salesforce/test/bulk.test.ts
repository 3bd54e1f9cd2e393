/** Bulk API 2.0: many records written and read by jobs. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Connected, connect } from "./connect.ts";

const now = Date.UTC(2026, 10, 1, 12);
let connected: Connected;
before(async () => {
  connected = await connect({ nowMs: () => now });
});
after(() => connected.close());

const run: Connected["run"] = (...args) => connected.run(...args);

test("jobs write records, and tell what became of each", async () => {
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

test("jobs take as many records as an input may have", async () => {
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

test("jobs are made, uploaded to, started and stopped step by step", async () => {
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

test("jobs whose upload fails are stopped, and not left open", async () => {
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

test("jobs read records by locators", async () => {
  const records = Array.from({ length: 2_200 }, (_, index) => ({ Name: `Many ${index}` }));
  const written = await run("start-bulk-write", { object: "Account", operation: "insert", records });
  while (!(await run("get-bulk-job", { id: written.id })).isDone);
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

test("jobs read each record, also where a row has nothing in it or too much", async () => {
  const records = ["Energy", null, "Media", null].map((Industry, index) => ({
    Name: `Hollow ${index}`,
    ...(Industry && { Industry }),
  }));
  await run("create-records", { object: "Account", records });
  const soql = "SELECT Industry FROM Account WHERE Name LIKE 'Hollow %'";
  const { id } = await run("start-bulk-query", { soql });
  while (!(await run("get-bulk-query", { id })).isDone);
  const { items } = await run("read-bulk-query", { id });
  assert.deepEqual(
    items.map((item: { Industry: string }) => item.Industry),
    ["Energy", "", "Media", ""],
  );
  connected.answerNext(() => new Response('"Name","Phone"\r\n"A"\r\n"B","1","2"\r\n'));
  const uploaded = await run("read-bulk-result", { id, of: "unprocessed" });
  assert.deepEqual(
    uploaded.items.map(({ fields }: { fields: object }) => fields),
    [
      { Name: "A", Phone: "" },
      { Name: "B", Phone: "1" },
    ],
  );
});

test("jobs that were started, of which the answer was lost, are started for certain", async () => {
  const { id } = await run("create-bulk-job", { object: "Account", operation: "insert" });
  await run("upload-bulk-data", { id, csv: "Name\nOnce\n" });
  const [closed, again] = [await run("close-bulk-job", { id }), await run("close-bulk-job", { id })];
  assert.deepEqual([closed.id, closed.state, again.state], [id, "UploadComplete", "InProgress"]);
  const [stopped, twice] = [await run("abort-bulk-job", { id }), await run("abort-bulk-job", { id })];
  assert.deepEqual([stopped.state, twice.state], ["Aborted", "Aborted"]);
  await assert.rejects(run("close-bulk-job", { id }), { code: "conflict" });
});

test("jobs that may not have been started are named", async () => {
  const id = "750000000000001AAA";
  connected.answerNext(() => Response.json({ id, operation: "insert", state: "Open" }));
  connected.answerNext(() => new Response(null, { status: 201 }));
  connected.answerNext(() => Response.json([{ errorCode: "API_ERROR", message: "No." }], { status: 400 }));
  const write = run("start-bulk-write", { object: "Account", operation: "insert", csv: "Name\nA\n" });
  await assert.rejects(write, {
    code: "invalid-input",
    message: `The job ${id} was not started for certain: No.`,
    details: { status: 400, code: "API_ERROR", job: id },
  });
});

test("jobs take files and give files", async () => {
  const { files } = connected.host;
  const lines = Array.from({ length: 500 }, (_, index) => `"File\n${index}",Energy`);
  const file = files.put(["Name,Industry", ...lines, ""].join("\n"), { contentType: "text/csv" });
  const { id } = await run("start-bulk-write", { object: "Account", operation: "insert", file });
  while (!(await run("get-bulk-job", { id })).isDone);
  const written = await run("export-bulk-result", { id, of: "written" });
  assert.equal(written.name, `${id}-written.csv`);
  const textOf = (id: string) => new TextDecoder().decode(files.content(id));
  assert.match(textOf(written.file), /^sf__Id,sf__Created,Name,Industry\n001\w{15},true,"File\n0",Energy\n/);

  const query = await run("start-bulk-query", { soql: "SELECT Name FROM Account WHERE Name LIKE 'File%'" });
  while (!(await run("get-bulk-query", { id: query.id })).isDone);
  const first = await run("export-bulk-query", { id: query.id, limit: 300 });
  const second = await run("export-bulk-query", { id: query.id, cursor: first.nextCursor });
  assert.deepEqual([first.records, second.records, second.nextCursor], [300, 200, null]);
  for (const { file, size } of [first, second]) {
    assert.match(textOf(file), /^"Name"\n"File\n/);
    assert.equal(size, files.content(file)?.length);
  }
  await assert.rejects(run("export-bulk-query", { id: "750000000000009AAA" }), {
    code: "not-found",
    details: { status: 404, code: "NOT_FOUND" },
  });
  const both = { object: "Account", operation: "insert", file, csv: "Name\nA\n" };
  await assert.rejects(run("start-bulk-write", both), { code: "invalid-input" });
});
