/** Another tenant's things look the same as things that do not exist. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, unknown> };
}

/** What each operation takes that takes anything; a new one has to be added. */
const bodies: Record<string, object> = {
  updateInstall: { status: "disabled" },
  updateConnection: { name: "mine" },
  authorizeConnection: {},
  cloneConnection: { name: "mine" },
  runAction: { input: {} },
  batchActions: { actions: [{ action: "echo", input: {} }] },
  createRecord: { name: "mine" },
  updateRecord: { name: "mine" },
  upsertRecord: { name: "mine" },
  batchRecords: { writes: [{ op: "remove", key: "echo" }] },
  setTrigger: { enabled: true },
  testTrigger: {},
};

test("tenant B reaches nothing of tenant A", async (t) => {
  const host = await startTestHost(t);
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/echo",
    actions: { echo: { run: "return input;" } },
  });
  const [a, b] = [await host.tenant(), await host.tenant()];
  const { installId, connectionId } = await connect(a, "acme/echo");
  const keys = await a.api.get("/api/v1/api-keys");
  const keyId = keys.body.items[0].id;
  const auth = { type: "apiKey", key: "a-key-of-tenant-b" };

  const attempts: [what: string, attempt: () => Promise<{ status: number; body: { code?: string } }>][] = [
    ["read A's install", () => b.api.get(`/api/v1/installs/${installId}`)],
    ["upgrade A's install", () => b.api.patch(`/api/v1/installs/${installId}`, { range: "1.0.0" })],
    ["disable A's install", () => b.api.patch(`/api/v1/installs/${installId}`, { status: "disabled" })],
    ["uninstall A's install", () => b.api.delete(`/api/v1/installs/${installId}`)],
    ["connect under A's install", () => b.api.post("/api/v1/connections", { installId, name: "x", auth })],
    ["read A's connection", () => b.api.get(`/api/v1/connections/${connectionId}`)],
    ["change A's connection", () => b.api.patch(`/api/v1/connections/${connectionId}`, { auth })],
    ["delete A's connection", () => b.api.delete(`/api/v1/connections/${connectionId}`)],
    [
      "call over A's connection",
      () => b.api.post(`/api/v1/connections/${connectionId}/actions/echo`, { input: {} }),
    ],
    ["revoke A's key", () => b.api.delete(`/api/v1/api-keys/${keyId}`)],
    ["revoke A's key by naming A", () => b.api.delete(`/api/v1/api-keys/${keyId}?tenantId=${a.id}`)],
    ["list A's keys", () => b.api.get(`/api/v1/api-keys?tenantId=${a.id}`)],
    ["make a key for A", () => b.api.post("/api/v1/api-keys", { name: "x", tenantId: a.id, scopes: ["*"] })],
  ];
  for (const [what, attempt] of attempts) {
    await t.test(what, async () => {
      const answer = await attempt();
      assert.equal(answer.status, 404, JSON.stringify(answer.body));
    });
  }

  await t.test("every route that names a thing of A's answers B as if it were not there", async () => {
    const file = await a.api.send("POST", "/api/v1/files?name=a.txt", {
      headers: { "content-type": "text/plain" },
      body: "of A",
    });
    assert.equal(file.status, 201, JSON.stringify(file.body));
    const ids: Record<string, string> = {
      connections: connectionId,
      installs: installId,
      files: file.body.id,
      "api-keys": keyId,
    };
    const { body: document } = await host.anonymous.get("/api/v1/openapi.json");
    const tried: string[] = [];
    for (const [path, methods] of Object.entries(
      document.paths as Record<string, Record<string, Operation>>,
    )) {
      const of = /^\/api\/v1\/([a-z-]+)\/\{id\}/.exec(path)?.[1] ?? "";
      if (!Object.hasOwn(ids, of)) continue;
      for (const [method, { operationId, requestBody }] of Object.entries(methods)) {
        const body = bodies[operationId];
        assert.equal(body !== undefined, requestBody?.content["application/json"] !== undefined, operationId);
        const call = async (id = "") => {
          const there = path.replace("{id}", id).replaceAll(/\{\w+\}/g, "echo");
          const { status, body: said } = await b.api.send(method.toUpperCase(), there, {
            ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
          });
          return { status, code: said.code };
        };
        const answer = await call(ids[of]);
        assert.deepEqual(answer, await call("x_0123456789"), operationId);
        assert.equal(answer.status, 404, `${operationId}: ${answer.code}`);
        tried.push(operationId);
      }
    }
    assert.ok(tried.length > 35, tried.join());
    for (const operationId of Object.keys(bodies)) assert.ok(tried.includes(operationId), operationId);
  });

  await t.test("B's lists hold nothing of A", async () => {
    for (const path of [
      "/api/v1/installs",
      "/api/v1/connections",
      `/api/v1/connections?installId=${installId}`,
    ]) {
      assert.deepEqual((await b.api.get(path)).body.items, [], path);
    }
  });

  await t.test("a tenant's key is not the admin's", async () => {
    for (const answer of [
      await b.api.get("/api/v1/tenants"),
      await b.api.post("/api/v1/tenants", { name: "x" }),
    ]) {
      assert.equal(answer.status, 403);
      assert.equal(answer.body.code, "forbidden");
    }
  });

  await t.test("A's things are as they were", async () => {
    assert.equal((await a.api.get(`/api/v1/installs/${installId}`)).body.status, "active");
    const answer = await a.api.post(`/api/v1/connections/${connectionId}/actions/echo`, {
      input: { still: "here" },
    });
    assert.deepEqual(answer.body.output, { still: "here" });
  });
});
