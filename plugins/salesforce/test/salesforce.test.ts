import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTestHost, type TestHost, type TestHostOptions } from "@plugboard/plugin-sdk/testing";

async function openPlugin(
  t: TestContext,
  answer: TestHostOptions["answer"],
  config: TestHostOptions["config"] = { instance: "acme" },
): Promise<TestHost> {
  const host = await createTestHost({ directory: join(import.meta.dirname, ".."), answer, config });
  t.after(() => host.close());
  return host;
}

const account = { attributes: { type: "Account" }, Id: "001", Name: "Blue Lamp" };

test("a query runs in the org, and goes on from its cursor", async (t) => {
  const urls: string[] = [];
  const salesforce = await openPlugin(t, ({ url }) => {
    urls.push(url);
    return Response.json(
      urls.length === 1
        ? {
            totalSize: 2001,
            done: false,
            nextRecordsUrl: "/services/data/v66.0/query/01gD0000002HU6KIAW-2000",
            records: [account],
          }
        : { totalSize: 2001, done: true, records: [account] },
    );
  });

  const first = await salesforce.run("query", { soql: "SELECT Id, Name FROM Account" });
  const second = await salesforce.run("query", { cursor: "01gD0000002HU6KIAW-2000" });

  assert.deepEqual(first, { totalSize: 2001, records: [account], nextCursor: "01gD0000002HU6KIAW-2000" });
  assert.deepEqual(second, { totalSize: 2001, records: [account], nextCursor: null });
  const base = "https://acme.my.salesforce.com/services/data/v66.0/query";
  assert.deepEqual(urls, [`${base}?q=SELECT+Id%2C+Name+FROM+Account`, `${base}/01gD0000002HU6KIAW-2000`]);
});

test("a sandbox org has its own domain", async (t) => {
  const answer = ({ url }: Request) => {
    assert.equal(new URL(url).host, "acme--uat.sandbox.my.salesforce.com");
    return Response.json({ totalSize: 0, done: true, records: [] });
  };
  const salesforce = await openPlugin(t, answer, { instance: "acme--uat", edition: "sandbox" });

  await salesforce.run("query", { soql: "SELECT Id FROM Account" });
});

const refusals: [status: number, errorCode: string, code: string][] = [
  [400, "MALFORMED_QUERY", "invalid-input"],
  [400, "QUERY_TIMEOUT", "vendor-unavailable"],
  [401, "INVALID_SESSION_ID", "unauthorized"],
  [403, "REQUEST_LIMIT_EXCEEDED", "rate-limited"],
  [403, "API_DISABLED_FOR_ORG", "unauthorized"],
  [404, "NOT_FOUND", "not-found"],
  [503, "SERVER_UNAVAILABLE", "vendor-unavailable"],
];
test("what Salesforce refuses has a class, its message and its code", async (t) => {
  let reply: () => Response = () => assert.fail("not set");
  const salesforce = await openPlugin(t, () => reply());

  for (const [status, errorCode, code] of refusals) {
    reply = () => Response.json([{ errorCode, message: "No." }], { status });
    await assert.rejects(
      salesforce.run("query", { soql: "SELECT Id FROM Account" }),
      { code, message: "No.", details: { status, code: errorCode } },
      errorCode,
    );
  }
});

test("a query needs soql or a cursor", async (t) => {
  const salesforce = await openPlugin(t, () => assert.fail("was sent"));

  await assert.rejects(salesforce.run("query", {}), { code: "invalid-input" });
  await assert.rejects(salesforce.run("query", { cursor: "../sobjects" }), { message: /input does not fit/ });
});
