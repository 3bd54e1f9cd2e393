/** The Salesforce connector in a host, against a stand-in of Salesforce. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import test from "node:test";
import { setTimeout } from "node:timers/promises";
import { startSalesforceSimulator } from "@plugboard/simulator-salesforce";
import { startTestHost } from "../support/host.ts";
import { publishConnector } from "../support/plugin.ts";

const accessToken = "00Dof-the-tenant!0123456789";
const publicUrl = "https://plugboard.example";
const redirectUri = `${publicUrl}/oauth/callback/plugboard/salesforce`;
const tokenUrl = "https://{login}.salesforce.com/services/oauth2/token";
const app = { clientId: "app-of-the-operator", clientSecret: "secret-of-the-operator-0123456789" };
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

test("the Salesforce connector", async (t) => {
  const salesforce = await startSalesforceSimulator({
    orgs: {
      acme: { users: ["robot@acme.example"] },
      "acme--uat": {},
      elsewhere: { domain: "elsewhere.example.com" },
    },
    accessTokens: { [accessToken]: "acme" },
    apps: {
      [app.clientId]: { clientSecret: app.clientSecret, redirectUris: [redirectUri], requiresPkce: true },
      robots: { certificate: publicKey.export({ type: "spki", format: "pem" }).toString() },
    },
  });
  t.after(() => salesforce.close());
  const hosts = [
    "login.salesforce.com",
    "test.salesforce.com",
    "acme.my.salesforce.com",
    "acme--uat.sandbox.my.salesforce.com",
    "elsewhere.example.com",
  ];
  const host = await startTestHost(t, {
    publicUrl,
    egressRewrite: Object.fromEntries(hosts.map((name) => [name, salesforce.url])),
  });
  await publishConnector(host.address, "salesforce");
  const registered = await host.admin.send("PUT", "/api/v1/oauth-clients/plugboard/salesforce", {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...app, tokenUrl, grants: ["authorization_code"] }),
  });
  assert.equal(registered.status, 200, JSON.stringify(registered.body));
  const { api } = await host.tenant();
  const request = { plugin: "plugboard/salesforce" };
  const asked = await api.post("/api/v1/installs", request);
  const installed = await api.post("/api/v1/installs", { ...request, consent: asked.body.consent });
  assert.equal(installed.status, 201, JSON.stringify(installed.body));

  const open = async (config: object, auth: object): Promise<string> => {
    const made = await api.post("/api/v1/connections", {
      installId: installed.body.id,
      name: "Org",
      config,
      auth,
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  };
  const call = (id: string, action: string, input: object = {}) =>
    api.post(`/api/v1/connections/${id}/actions/${action}`, { input });
  const run = async (id: string, action: string, input: object = {}) => {
    const { status, body } = await call(id, action, input);
    assert.equal(status, 200, `${action}: ${JSON.stringify(body)}`);
    return body.output;
  };
  /** The person agrees, as the user whom `username` names, and comes back. @returns the page that they see */
  const agree = async (id: string, username: string): Promise<string> => {
    const begun = await api.post(`/api/v1/connections/${id}/authorize`, {});
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    const there = new URL(begun.body.url);
    assert.match(there.host, /^(login|test)\.salesforce\.com$/);
    there.searchParams.set("login_hint", username);
    const agreed = await fetch(salesforce.url + there.pathname + there.search, { redirect: "manual" });
    const back = new URL(agreed.headers.get("location") ?? "");
    assert.equal(back.origin + back.pathname, redirectUri);
    return (await fetch(host.address + back.pathname + back.search)).text();
  };
  const configOf = async (id: string) => (await api.get(`/api/v1/connections/${id}`)).body.config;
  /** What was asked of the API; connections are looked at by themselves besides. */
  const atTheApi = () => salesforce.requests.filter(({ path }) => path.startsWith("/services/data/"));
  const byPerson = { type: "oauth2", grant: "authorization_code" };

  const own = await open({ login: "login", instance: "acme" }, { type: "bearer", token: accessToken });

  await t.test("records go through the entities API", async () => {
    const path = `/api/v1/connections/${own}/entities/account`;
    const made = await api.post(path, { name: "Acme" });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const listed = await api.get(`${path}?filter[name]=acme`);
    assert.deepEqual(listed.body.items, [made.body]);
    const injected = await api.get(`${path}?filter[name]=${encodeURIComponent("' OR Name != '")}`);
    assert.deepEqual(injected.body.items, [], "a value stays a value");
    const { changes } = (await api.get(`${path}/changes`)).body;
    assert.deepEqual(
      changes.map(({ op, key }: { op: string; key: string }) => [op, key]),
      [["upsert", made.body.id]],
    );
  });

  await t.test(
    "a record is not created twice, and one under an external id is written for certain",
    async () => {
      const sent = (method: string) =>
        salesforce.requests.filter((one) => one.method === method && one.path.includes("Invoice__c")).length;
      salesforce.failNext({ status: 503, errorCode: "SERVER_UNAVAILABLE", afterwards: true });
      const created = await call(own, "create-record", { object: "Invoice__c", fields: { Name: "Once" } });
      assert.deepEqual([created.body.code, sent("POST")], ["vendor-unavailable", 1]);

      salesforce.failNext({ status: 503, errorCode: "SERVER_UNAVAILABLE", afterwards: true });
      const place = { object: "Invoice__c", externalIdField: "External_Id__c", value: "E-1" };
      const { id } = await run(own, "upsert-record", { ...place, fields: { Name: "Under an id" } });
      assert.equal(sent("PATCH"), 2);
      const { records } = await run(own, "query", { soql: "SELECT Id FROM Invoice__c ORDER BY Name" });
      assert.deepEqual([records.length, records[1].Id], [2, id]);

      const before = sent("POST");
      salesforce.failNext({ status: 400, errorCode: "UNABLE_TO_LOCK_ROW" });
      const after = { object: "Invoice__c", fields: { Name: "After somebody else" } };
      const { id: late } = await run(own, "create-record", after);
      assert.equal(sent("POST") - before, 2, "Salesforce had done nothing");
      await run(own, "delete-record", { object: "Invoice__c", id: late });
    },
  );

  await t.test("many records are written in one request, which is not made twice", async () => {
    const collections = () => salesforce.requests.filter((one) => one.path.endsWith("/composite/sobjects"));
    const path = `/api/v1/connections/${own}/entities/lead/batch`;
    const record = (lastName: string) => ({ op: "create", record: { lastName, company: "Batch" } });
    const writes = Array.from({ length: 201 }, (_, index) => record(`Lead ${index}`));
    const written = await api.post(path, { writes });
    assert.equal(written.status, 200, JSON.stringify(written.body));
    const { results } = written.body;
    assert.ok(results.every(({ status }: { status: string }) => status === "succeeded"));
    assert.deepEqual([results.length, collections().length], [201, 2]);

    salesforce.failNext({ status: 503, errorCode: "SERVER_UNAVAILABLE", afterwards: true });
    const lost = await api.post(path, { writes: [record("Lost"), record("Lost")] });
    assert.deepEqual(
      lost.body.results.map(({ status }: { status: string }) => status),
      ["unknown", "unknown"],
    );
    assert.equal(collections().length, 3);
    const soql = "SELECT COUNT() FROM Lead WHERE LastName = 'Lost'";
    assert.equal((await run(own, "query", { soql })).totalSize, 2);
  });

  await t.test("what a bulk query reads is a file of the tenant's", async () => {
    const { id } = await run(own, "start-bulk-query", { soql: "SELECT Name FROM Invoice__c ORDER BY Name" });
    while (!(await run(own, "get-bulk-query", { id })).isDone);
    const { file, name } = await run(own, "export-bulk-query", { id });
    const content = await api.get(`/api/v1/files/${file}/content`);
    assert.equal(content.status, 200, JSON.stringify(content.body));
    assert.equal(content.body, '"Name"\n"Once"\n"Under an id"\n');
    assert.equal((await api.get(`/api/v1/files/${file}`)).body.name, name);
  });

  await t.test("what the org has no requests left for waits for another time", async () => {
    const org = salesforce.org("acme");
    const { apiRequests } = org;
    org.apiRequests = org.maxApiRequests;
    const before = atTheApi().length;
    const refused = await call(own, "get-record", { object: "Account", id: "001000000000001AAA" });
    const actions = Array(2).fill({ action: "create-record", input: { object: "Lead", fields: {} } });
    const path = `/api/v1/connections/${own}/batch`;
    const { body } = await api.post(path, { actions, stopOnError: true });
    org.apiRequests = apiRequests;
    assert.deepEqual([refused.status, refused.body.code], [429, "vendor-rate-limited"]);
    assert.equal(refused.headers.get("retry-after"), "3600");
    assert.deepEqual([body.failed, body.notStarted], [1, 1]);
    assert.equal(body.results[0].problem.retryAfterSeconds, 3_600);
    assert.equal(atTheApi().length, before + 2, "asked once each");
  });

  await t.test("a token is good at its own org alone", async () => {
    const config = { login: "test", instance: "acme--uat", edition: "sandbox" };
    const other = await open(config, { type: "bearer", token: accessToken });
    assert.equal((await call(other, "get-limits")).body.code, "vendor-unauthorized");
  });

  await t.test("a person logs in, Salesforce says where the org is, and tokens are renewed", async () => {
    const id = await open({ login: "login" }, byPerson);
    assert.match(await agree(id, "admin@acme.example"), /The account is connected/);
    const { instance, instanceUrl, identityUrl } = await configOf(id);
    assert.deepEqual([instance, instanceUrl], ["acme", "https://acme.my.salesforce.com"]);
    assert.match(identityUrl, /^https:\/\/login\.salesforce\.com\/id\/00D/);
    await run(id, "get-limits");
    const tokenNow = () => atTheApi().at(-1)?.headers.authorization;
    const before = tokenNow();
    salesforce.endSessions();
    await run(id, "get-limits");
    assert.notEqual(tokenNow(), before);

    // Revoked between two pages of one query: the cursor is the user's, whatever the token.
    for (let page = 0; page < 11; page++)
      await run(id, "create-records", { object: "Case", records: Array(200).fill({ Subject: "Page" }) });
    const { nextCursor } = await run(id, "query", { soql: "SELECT Id FROM Case" });
    salesforce.endSessions();
    const { records } = await run(id, "query", { cursor: nextCursor });
    assert.equal(records.length, 200);
    assert.ok(!host.logged().includes(app.clientSecret) && !host.logged().includes(String(tokenNow())));
  });

  await t.test("what is disconnected can do no more at Salesforce", async () => {
    const id = await open({ login: "login" }, byPerson);
    await agree(id, "admin@acme.example");
    await run(id, "get-limits");
    const token = atTheApi().at(-1)?.headers.authorization ?? "";
    const ask = async () => {
      const path = `${salesforce.url}/services/data/v66.0/limits`;
      return (await fetch(path, { headers: { authorization: token } })).status;
    };
    assert.equal(await ask(), 200);
    const deleted = await api.send("DELETE", `/api/v1/connections/${id}`);
    assert.equal(deleted.status, 204, JSON.stringify(deleted.body));
    while ((await ask()) !== 401) await setTimeout(5);
  });

  await t.test("a sandbox is found by its own login and address", async () => {
    const id = await open({ login: "test" }, byPerson);
    assert.match(await agree(id, "admin@acme--uat.example"), /The account is connected/);
    const { instance, instanceUrl } = await configOf(id);
    assert.deepEqual([instance, instanceUrl], ["acme--uat", "https://acme--uat.sandbox.my.salesforce.com"]);
    await run(id, "get-limits");
    assert.equal(atTheApi().at(-1)?.host, "acme--uat.sandbox.my.salesforce.com");
  });

  await t.test("an address that is none of Salesforce's is not believed", async () => {
    const id = await open({ login: "login" }, byPerson);
    assert.doesNotMatch(await agree(id, "admin@elsewhere.example"), /The account is connected/);
    assert.notEqual((await call(id, "get-limits")).status, 200);
    assert.ok(salesforce.requests.every((one) => one.host !== "elsewhere.example.com"));
  });

  await t.test("an app logs in with its own signature", async () => {
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const auth = {
      type: "oauth2",
      grant: "jwt_bearer",
      subject: "robot@acme.example",
      privateKey: key,
      client: { clientId: "robots", clientSecret: "not-asked-for-0123456789" },
    };
    const id = await open({ login: "login" }, auth);
    // Which gets the first token, and with it where the org is.
    const tried = await api.post(`/api/v1/connections/${id}/test`, {});
    assert.equal(tried.body.outcome, "ok", JSON.stringify(tried.body));
    assert.equal((await configOf(id)).instance, "acme");
    const soql = "SELECT CreatedBy.Username FROM Invoice__c WHERE Name = 'By a robot'";
    await run(id, "create-record", { object: "Invoice__c", fields: { Name: "By a robot" } });
    const { records } = await run(id, "query", { soql });
    assert.equal(records[0].CreatedBy.Username, "robot@acme.example");
  });
});
