/** What a tenant lets itself install, from the core's own door to the registry and back. */
import assert from "node:assert/strict";
import test from "node:test";
import { createTestApi, type TestApi } from "../support/api.ts";
import { startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const policy = {
  allow: null,
  deny: [],
  verifiedOnly: false,
  maxPermissions: null,
  approvalRequired: true,
  coolDownHours: 0,
};

function put(api: TestApi, body: object) {
  const headers = { "content-type": "application/json" };
  return api.send("PUT", "/api/v1/policy", { headers, body: JSON.stringify(body) });
}

test("a tenant administers what it may install", { timeout: 60_000 }, async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const [ann, bob] = [await host.tenant(), await host.tenant()];
  const plugin = "acme/books";
  const publisher = await registerPublisher(host.address, "acme");
  const permissions = { storage: { maxBytes: 4096, reason: "Remember" } };
  for (const id of [plugin, "acme/shop"])
    await publishTestPlugin(host.address, publisher, { id, permissions });
  const keyWith = async (scopes: string[]) => {
    const { body } = await host.admin.post("/api/v1/api-keys", { name: "k", tenantId: ann.id, scopes });
    return createTestApi(host.address, body.key);
  };
  const installer = await keyWith(["installs:*", "policy:read"]);
  const decider = await keyWith(["approvals:decide", "policy:read"]);
  const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

  await t.test("with the scope for it, and not over another's change", async () => {
    assert.deepEqual(codeOf(await put(installer, { policy })), [403, "forbidden"]);
    const set = await put(ann.api, { policy, version: 0 });
    assert.deepEqual([set.status, set.body.version, set.body.policy.approvalRequired], [200, 1, true]);
    assert.deepEqual(codeOf(await put(ann.api, { policy, version: 0 })), [409, "policy-changed"]);
    assert.equal((await bob.api.get("/api/v1/policy")).body.version, 0, "another tenant's is its own");
  });

  await t.test("who may ask may not decide, and the decision holds", async () => {
    assert.deepEqual(codeOf(await installer.post("/api/v1/installs", { plugin })), [
      403,
      "approval-required",
    ]);
    const asked = await installer.post("/api/v1/approvals", { plugin, reason: "For the books." });
    assert.deepEqual([asked.status, asked.body.status], [201, "requested"]);
    const decision = `/api/v1/approvals/${asked.body.id}/decision`;
    const yes = { decision: "approve", reason: "Fine." };
    assert.deepEqual(codeOf(await installer.post(decision, yes)), [403, "forbidden"]);
    assert.deepEqual(codeOf(await bob.api.post(decision, yes)), [404, "approval-not-found"]);
    assert.equal((await decider.post(decision, yes)).status, 200);

    const needed = await installer.post("/api/v1/installs", { plugin });
    assert.deepEqual(codeOf(needed), [409, "consent-required"], "an approval is no consent");
    const installed = await installer.post("/api/v1/installs", { plugin, consent: needed.body.consent });
    assert.equal(installed.status, 201);
    const { body } = await decider.get("/api/v1/approvals?status=approved");
    assert.equal(body.items.length, 1);
  });

  await t.test("what is denied is told with the rule", async () => {
    await put(ann.api, { policy: { ...policy, deny: ["acme/*"] } });
    const refused = await ann.api.post("/api/v1/installs", { plugin: "acme/shop" });
    assert.deepEqual(codeOf(refused), [403, "policy-refused"]);
    assert.deepEqual(
      refused.body.breaches.map(({ rule }: { rule: string }) => rule),
      ["deny"],
    );
  });
});
