/** A key makes no key that may do more than itself, in another place, or for longer. */
import assert from "node:assert/strict";
import test from "node:test";
import { createTestApi } from "../support/api.ts";
import { startTestHost } from "../support/host.ts";

const hour = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * hour).toISOString();

test("API keys", async (t) => {
  const host = await startTestHost(t);

  const escalations: [held: string, wished: string][] = [
    ["api-keys:*", "*"],
    ["api-keys:*", "installs:read"],
    ["api-keys:write", "api-keys:*"],
    ["api-keys:write", "api-keys:read"],
  ];
  for (const [held, wished] of escalations) {
    await t.test(`${held} does not make ${wished}`, async () => {
      const { api } = await host.tenant([held]);
      const answer = await api.post("/api/v1/api-keys", { name: "x", scopes: [held, wished] });
      assert.equal(answer.body.code, "forbidden", JSON.stringify(answer.body));
    });
  }

  for (const scope of ["*:*", "tenants:*", "api-keys:", ":write", "API-KEYS:*", "constructor:*", "admin"]) {
    await t.test(`"${scope}" is no scope, also for who may do everything`, async () => {
      const { api } = await host.tenant();
      const answer = await api.post("/api/v1/api-keys", { name: "x", scopes: [scope] });
      assert.equal(answer.status, 422, JSON.stringify(answer.body));
    });
  }

  await t.test("a key that ends makes none that outlives it", async () => {
    const tenant = await host.tenant();
    const expiresAt = inHours(1);
    const create = { name: "short", scopes: ["*"], expiresAt };
    const short = createTestApi(host.address, (await tenant.api.post("/api/v1/api-keys", create)).body.key);
    for (const wish of [{}, { expiresAt: inHours(2) }]) {
      const answer = await short.post("/api/v1/api-keys", { name: "x", scopes: ["*"], ...wish });
      assert.equal(answer.body.code, "forbidden", JSON.stringify(answer.body));
    }
    assert.equal((await short.post("/api/v1/api-keys", create)).status, 201);
  });

  await t.test("a revoked key does nothing more, however busy it was", async () => {
    const tenant = await host.tenant();
    const made = (await tenant.api.post("/api/v1/api-keys", { name: "busy", scopes: ["*"] })).body;
    const busy = createTestApi(host.address, made.key);
    const during = Array.from({ length: 20 }, () => busy.get("/api/v1/installs"));
    assert.equal((await tenant.api.delete(`/api/v1/api-keys/${made.id}`)).status, 200);
    assert.equal((await busy.get("/api/v1/installs")).status, 401);
    for (const { status } of await Promise.all(during)) assert.ok(status === 200 || status === 401);
    assert.equal((await busy.get("/api/v1/installs")).status, 401);
  });
});
