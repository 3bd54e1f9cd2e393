/** Bulk API 2.0, as jsforce goes about it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Connected, connect, refusalOf } from "./connect.ts";

let connected: Connected;
before(async () => {
  connected = await connect();
  connected.salesforce.bulk2.pollInterval = 1;
});
after(() => connected.close());

test("records are uploaded, written, and told one by one", async () => {
  const { bulk2 } = connected.salesforce;
  const input = [
    { Name: 'Says "yes", twice', External_Id__c: "B-1", Amount__c: 1.5, Paid__c: true },
    { Name: "", External_Id__c: "B-2" },
    { Name: "Third\nline", External_Id__c: "B-3" },
  ];
  const { successfulResults, failedResults, unprocessedRecords } = await bulk2.loadAndWaitForResults({
    object: "Invoice__c",
    operation: "insert",
    input: input,
  });
  assert.deepEqual(
    (successfulResults as { sf__Created: string; External_Id__c?: string }[]).map((one) => [
      one.sf__Created,
      one.External_Id__c,
    ]),
    [
      ["true", "B-1"],
      ["true", "B-3"],
    ],
  );
  assert.match(failedResults[0]?.sf__Error ?? "", /^REQUIRED_FIELD_MISSING:/);
  assert.equal(unprocessedRecords.length, 0);
  const again = await bulk2.loadAndWaitForResults({
    object: "Invoice__c",
    operation: "upsert",
    externalIdFieldName: "External_Id__c",
    input: [{ External_Id__c: "B-1", Amount__c: "#N/A" }],
  });
  assert.equal(again.successfulResults[0]?.sf__Created, "false");
  const soql =
    "SELECT Name, Amount__c, Paid__c FROM Invoice__c WHERE External_Id__c LIKE 'B-%' ORDER BY External_Id__c";
  const { records } = await connected.salesforce.query(soql);
  assert.deepEqual(
    records.map(({ Name, Amount__c, Paid__c }) => [Name, Amount__c, Paid__c]),
    [
      ['Says "yes", twice', null, true],
      ["Third\nline", null, false],
    ],
  );
});

test("a query's records are read through locators", async () => {
  const records = Array.from({ length: 5 }, (_, index) => ({
    Name: `Q${index}`,
    External_Id__c: `Q-${index}`,
  }));
  await connected.salesforce.sobject("Invoice__c").create(records);
  const soql =
    "SELECT External_Id__c, Owner.Username FROM Invoice__c WHERE External_Id__c LIKE 'Q-%' ORDER BY Name";
  const stream = await connected.salesforce.bulk2.query(soql, { pollInterval: 1 });
  const found = (await stream.toArray()) as { External_Id__c: string; "Owner.Username": string }[];
  assert.deepEqual(
    found.map((one) => [one.External_Id__c, one["Owner.Username"]]),
    records.map(({ External_Id__c }) => [External_Id__c, "admin@acme.example"]),
  );
  const job = connected.requests.findLast(({ path }) => path.endsWith("/results"))?.path ?? "";
  const read = async (query: string) => {
    const { salesforce, url } = connected;
    const response = await fetch(`${url}${job}?${query}`, {
      headers: { Authorization: `Bearer ${salesforce.accessToken}` },
    });
    return {
      locator: response.headers.get("sforce-locator") ?? "",
      lines: (await response.text()).trim().split("\n"),
    };
  };
  const first = await read("maxRecords=3");
  assert.equal(first.lines.length, 4);
  const second = await read(`maxRecords=3&locator=${first.locator}`);
  assert.deepEqual([second.lines.length, second.locator], [3, "null"]);
});

test("a job is uploaded to once, in its order of steps", async () => {
  const job = connected.salesforce.bulk2.createJob({ object: "Account", operation: "insert" });
  await job.open();
  await job.uploadData("Name\nBulk\n");
  const { salesforce } = connected;
  const put = (body: string) =>
    salesforce.request({
      method: "PUT",
      url: `/jobs/ingest/${job.id}/batches`,
      headers: { "content-type": "text/csv" },
      body,
    });
  assert.equal((await refusalOf(put("Name\nAgain\n"))).errorCode, "INVALIDJOBSTATE");
  await job.close();
  await job.poll(1, 60_000);
  assert.equal((await refusalOf(job.abort())).errorCode, "INVALIDJOBSTATE");
  await job.delete();
  assert.equal((await refusalOf(job.check())).errorCode, "NOT_FOUND");
});

test("a job whose columns are no fields fails as a whole", async () => {
  const job = connected.salesforce.bulk2.createJob({ object: "Account", operation: "insert" });
  await job.open();
  await job.uploadData("Name,Shoe\nBulk,42\n");
  await job.close();
  await assert.rejects(job.poll(1, 60_000), /InvalidBatch : Field name not found : Shoe/);
  const { errorCode } = await refusalOf(
    connected.salesforce.bulk2.createJob({ object: "Shoe", operation: "insert" }).open(),
  );
  assert.equal(errorCode, "INVALIDENTITY");
});
