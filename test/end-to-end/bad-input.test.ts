/** Every kind of bad input has its own code, says what to do, and is never a 500. */
import assert from "node:assert/strict";
import test from "node:test";
import { createTestApi, type TestAnswer } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const number = {
  type: "object",
  properties: { n: { type: "integer", minimum: 1 } },
  required: ["n"],
  additionalProperties: false,
};

test("bad input", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/math",
    actions: {
      double: { run: "return { n: input.n * 2 };", input: number, output: number },
      lie: { run: "return { n: 'many' };", input: number, output: number },
    },
  });
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "acme/math");
  const { api } = tenant;
  const action = `/api/v1/connections/${connectionId}/actions`;
  const auth = { type: "apiKey", key: "some-key-0123456789" };

  const json = { "content-type": "application/json" };
  const table: [
    what: string,
    attempt: () => Promise<TestAnswer>,
    status: number,
    code: string,
    pointer?: string,
  ][] = [
    [
      "malformed JSON",
      () => api.send("POST", "/api/v1/installs", { headers: json, body: "{" }),
      400,
      "malformed-json",
    ],
    [
      "an unknown field",
      () => api.post("/api/v1/installs", { plugin: "acme/math", colour: "red" }),
      422,
      "invalid-request",
      "/colour",
    ],
    ["a missing field", () => api.post("/api/v1/installs", {}), 422, "invalid-request", "/plugin"],
    [
      "a wrong content type",
      () => api.send("POST", "/api/v1/installs", { headers: { "content-type": "text/plain" }, body: "x" }),
      415,
      "unsupported-media-type",
    ],
    ["no body at all", () => api.send("POST", "/api/v1/installs"), 415, "unsupported-media-type"],
    [
      "too large a body",
      () =>
        api.send("POST", `${action}/double`, {
          headers: json,
          body: JSON.stringify({ input: "x".repeat(3e6) }),
        }),
      413,
      "payload-too-large",
    ],
    ["a path that is not there", () => api.get("/api/v1/nonsense"), 404, "route-not-found"],
    ["a method that is not there", () => api.delete("/api/v1/installs"), 405, "method-not-allowed"],
    ["broken percent-encoding", () => api.get("/api/v1/installs/%ff"), 400, "malformed-url"],
    ["a NUL in an id", () => api.get("/api/v1/installs/a%00b"), 422, "invalid-request"],
    ["a bad cursor", () => api.get("/api/v1/installs?cursor=nonsense"), 422, "invalid-request"],
    ["a bad limit", () => api.get("/api/v1/installs?limit=0"), 422, "invalid-request", "/limit"],
    [
      "an unknown plugin",
      () => api.post("/api/v1/installs", { plugin: "acme/nothing" }),
      404,
      "plugin-not-found",
    ],
    [
      "a plugin name that is none",
      () => api.post("/api/v1/installs", { plugin: "../../etc" }),
      422,
      "invalid-request",
    ],
    [
      "a range that matches nothing",
      () => api.post("/api/v1/installs", { plugin: "acme/math", range: "^9.0.0" }),
      422,
      "no-matching-version",
    ],
    [
      "a range that is none",
      () => api.post("/api/v1/installs", { plugin: "acme/math", range: "nonsense" }),
      422,
      "invalid-request",
    ],
    [
      "a plugin that is installed",
      async () => {
        const { body } = await api.patch(`/api/v1/installs/${installId}`, {});
        assert.equal(body.id, installId);
        const consent = (await (await host.tenant()).api.post("/api/v1/installs", { plugin: "acme/math" }))
          .body.consent;
        return api.post("/api/v1/installs", { plugin: "acme/math", consent });
      },
      409,
      "already-installed",
    ],
    [
      "the consent to something else",
      async () =>
        (await host.tenant()).api.post("/api/v1/installs", { plugin: "acme/math", consent: "0".repeat(64) }),
      409,
      "consent-required",
    ],
    [
      "an unknown install",
      () => api.post("/api/v1/connections", { installId: "ins_0", name: "x", auth }),
      404,
      "install-not-found",
    ],
    [
      "a kind of auth that the plugin does not take",
      () =>
        api.post("/api/v1/connections", {
          installId,
          name: "x",
          auth: { type: "basic", username: "u", password: "p" },
        }),
      422,
      "auth-not-supported",
    ],
    [
      "a key with a line break in it",
      () =>
        api.post("/api/v1/connections", {
          installId,
          name: "x",
          auth: { type: "apiKey", key: "some-key\r\nx-injected: 1" },
        }),
      422,
      "invalid-request",
      "/auth/key",
    ],
    [
      "a kind of auth that there is not",
      () => api.post("/api/v1/connections", { installId, name: "x", auth: { type: "magic" } }),
      422,
      "invalid-request",
    ],
    [
      "config that the plugin does not know",
      () => api.post("/api/v1/connections", { installId, name: "x", config: { shop: 1 }, auth }),
      422,
      "connection-config-invalid",
      "/config/shop",
    ],
    [
      "an unknown connection",
      () => api.post("/api/v1/connections/con_0/actions/double", { input: {} }),
      404,
      "connection-not-found",
    ],
    ["an unknown action", () => api.post(`${action}/triple`, { input: {} }), 404, "action-not-found"],
    [
      "an action named like a property of every object",
      () => api.post(`${action}/constructor`, { input: {} }),
      404,
      "action-not-found",
    ],
    [
      "action input that does not fit",
      () => api.post(`${action}/double`, { input: { n: 0 } }),
      422,
      "action-input-invalid",
      "/input/n",
    ],
    [
      "action input of another type",
      () => api.post(`${action}/double`, { input: [] }),
      422,
      "action-input-invalid",
    ],
    [
      "action output that does not fit",
      () => api.post(`${action}/lie`, { input: { n: 1 } }),
      502,
      "action-output-invalid",
      "/output/n",
    ],
    [
      "an uninstall of what is in use",
      () => api.delete(`/api/v1/installs/${installId}`),
      409,
      "install-in-use",
    ],
    ["no key", () => host.anonymous.get("/api/v1/installs"), 401, "unauthorized"],
    [
      "an unknown key",
      () => createTestApi(host.address, "pbk_unknown").get("/api/v1/installs"),
      401,
      "unauthorized",
    ],
    [
      "a scope that there is not",
      () => api.post("/api/v1/api-keys", { name: "x", scopes: ["everything"] }),
      422,
      "invalid-request",
      "/scopes/0",
    ],
    [
      "an expiry in the past",
      () => api.post("/api/v1/api-keys", { name: "x", scopes: ["*"], expiresAt: "2020-01-01T00:00:00Z" }),
      422,
      "invalid-request",
      "/expiresAt",
    ],
    [
      "an unknown tenant",
      () => host.admin.post("/api/v1/api-keys", { name: "x", tenantId: "tnt_0", scopes: ["*"] }),
      404,
      "tenant-not-found",
    ],
    ["the admin key where a tenant's is needed", () => host.admin.get("/api/v1/installs"), 403, "forbidden"],
  ];

  for (const [what, attempt, status, code, pointer] of table) {
    await t.test(`${what}: ${status} ${code}`, async () => {
      const answer = await attempt();
      assert.deepEqual(
        { status: answer.status, code: answer.body.code },
        { status, code },
        JSON.stringify(answer.body),
      );
      assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
      assert.ok(answer.body.detail.length > 10, "the detail says what was wrong");
      if (pointer !== undefined) {
        const pointers = answer.body.problems.map((problem: { pointer: string }) => problem.pointer);
        assert.ok(pointers.includes(pointer), `${pointer} in ${JSON.stringify(answer.body.problems)}`);
      }
    });
  }

  await t.test("an expired and a revoked key are refused, with words of their own", async () => {
    const make = (lifeMs: number) => {
      const expiresAt = new Date(Date.now() + lifeMs).toISOString();
      return api.post("/api/v1/api-keys", { name: "short", scopes: ["installs:read"], expiresAt });
    };
    let short = await make(100);
    // A busy machine may get to it when its time is over already.
    for (let lifeMs = 500; short.status !== 201; lifeMs *= 4) short = await make(lifeMs);
    const brief = createTestApi(host.address, short.body.key);
    while (Date.now() <= Date.parse(short.body.expiresAt)) await new Promise((next) => setTimeout(next, 5));
    const expired = await brief.get("/api/v1/installs");
    assert.equal(expired.body.code, "unauthorized");
    assert.match(expired.body.detail, /expired at/);

    const doomed = await api.post("/api/v1/api-keys", { name: "doomed", scopes: ["installs:read"] });
    const doomedApi = createTestApi(host.address, doomed.body.key);
    assert.equal((await doomedApi.get("/api/v1/installs")).status, 200);
    assert.equal((await api.delete(`/api/v1/api-keys/${doomed.body.id}`)).status, 200);
    const revoked = await doomedApi.get("/api/v1/installs");
    assert.equal(revoked.status, 401);
    assert.match(revoked.body.detail, /revoked/);
  });

  await t.test("a key does what its scopes say and makes no wider key", async () => {
    const narrow = await host.tenant(["installs:read", "api-keys:write"]);
    assert.equal((await narrow.api.get("/api/v1/installs")).status, 200);
    const refused = await narrow.api.get("/api/v1/connections");
    assert.equal(refused.status, 403);
    assert.equal(refused.body.requiredScope, "connections:read");
    const wider = await narrow.api.post("/api/v1/api-keys", { name: "x", scopes: ["installs:*"] });
    assert.equal(wider.body.code, "forbidden");
    const same = await narrow.api.post("/api/v1/api-keys", { name: "x", scopes: ["installs:read"] });
    assert.equal(same.status, 201);
  });
});
