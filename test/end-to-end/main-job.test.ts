/** The contract that applications rely on, in the order in which they use it. */
import assert from "node:assert/strict";
import test from "node:test";
import { startStripeSimulator } from "@plugboard/simulator-stripe";
import { createTestApi } from "../support/api.ts";
import { startTestHost } from "../support/host.ts";

test("two tenants install a bundled connector, connect with their own keys and call it", async (t) => {
  const keys = { a: "sk_test_tenant_a_0123456789", b: "sk_test_tenant_b_9876543210" };
  const stripe = await startStripeSimulator({ apiKeys: Object.values(keys) });
  t.after(() => stripe.close());
  const host = await startTestHost(t, {
    bundledPlugins: true,
    egressRewrite: { "api.stripe.com": stripe.url },
  });

  const health = await host.anonymous.get("/api/v1/health");
  assert.equal(health.status, 200);
  assert.equal(health.body.status, "ok");

  const created = await host.admin.post("/api/v1/tenants", { name: "Tenant A" });
  assert.equal(created.status, 201);
  assert.match(created.body.id, /^tnt_/);
  const key = await host.admin.post("/api/v1/api-keys", {
    name: "app",
    tenantId: created.body.id,
    scopes: ["*"],
  });
  assert.equal(key.status, 201);
  assert.match(key.body.key, /^pbk_/);
  const api = createTestApi(host.address, key.body.key);

  const found = await api.get("/api/v1/marketplace/plugins?q=stripe");
  assert.equal(found.status, 200);
  assert.equal(found.body.items[0].id, "plugboard/stripe");
  assert.equal(found.body.items[0].version, "1.2.0");
  assert.equal(found.body.items[0].installed, null);
  assert.equal(found.body.nextCursor, null);

  const request = { plugin: "plugboard/stripe", range: "^1.0.0" };
  const asked = await api.post("/api/v1/installs", request);
  assert.equal(asked.status, 409);
  assert.equal(asked.body.code, "consent-required");
  assert.deepEqual(asked.body.permissions.network[0].hosts, ["api.stripe.com"]);
  assert.match(asked.body.consent, /^[0-9a-f]{64}$/);

  const install = await api.post("/api/v1/installs", { ...request, consent: asked.body.consent });
  assert.equal(install.status, 201);
  assert.equal(install.body.plugin, "plugboard/stripe");
  assert.equal(install.body.version, "1.2.0");
  assert.equal(install.body.status, "active");

  const connection = await api.post("/api/v1/connections", {
    installId: install.body.id,
    name: "Our account",
    auth: { type: "apiKey", key: keys.a },
  });
  assert.equal(connection.status, 201);
  assert.equal(connection.body.status, "active");
  assert.ok(!JSON.stringify(connection.body).includes(keys.a));

  const path = `/api/v1/connections/${connection.body.id}/actions`;
  const customer = await api.post(`${path}/create-customer`, {
    input: { email: "ann@example.com", name: "Ann" },
  });
  assert.equal(customer.status, 200, JSON.stringify(customer.body));
  assert.match(customer.body.output.id, /^cus_/);
  const again = await api.post(`${path}/get-customer`, { input: { id: customer.body.output.id } });
  assert.equal(again.body.output.email, "ann@example.com");

  await t.test("a write whose answer is lost is sent again under its key, and done once", async () => {
    const before = stripe.requests.length;
    stripe.failNext("cut_off");
    const make = () =>
      api.send("POST", `${path}/create-product`, {
        headers: { "content-type": "application/json", "idempotency-key": "lamp-1" },
        body: JSON.stringify({ input: { name: "Lamp" } }),
      });
    const made = await make();
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const sent = stripe.requests.slice(before);
    assert.deepEqual(
      sent.map((request) => [request.method, request.path]),
      [
        ["POST", "/v1/products"],
        ["POST", "/v1/products"],
      ],
    );
    assert.match(
      sent[0]?.idempotencyKey ?? "",
      /^[\w-]{43}$/,
      "the digest of whose wish it is, not the key itself",
    );
    assert.equal(sent[1]?.idempotencyKey, sent[0]?.idempotencyKey);
    const all = await api.post(`${path}/list-products`, { input: {} });
    assert.deepEqual(
      all.body.output.items.map(({ id }: { id: string }) => id),
      [made.body.output.id],
    );
    const again = await make();
    assert.equal(again.body.output.id, made.body.output.id);
    assert.equal(stripe.requests.length, before + 3, "the host answers a repetition itself");
  });

  const other = await host.tenant();
  const asB = await other.api.post("/api/v1/installs", { ...request, consent: asked.body.consent });
  assert.equal(asB.status, 201, "the consent digest is over id and permissions, not over the tenant");
  const connectionB = await other.api.post("/api/v1/connections", {
    installId: asB.body.id,
    name: "Theirs",
    auth: { type: "apiKey", key: keys.b },
  });
  const listB = await other.api.post(`/api/v1/connections/${connectionB.body.id}/actions/list-customers`, {
    input: {},
  });
  assert.equal(listB.status, 200, JSON.stringify(listB.body));
  assert.deepEqual(listB.body.output.items, [], "another account at the vendor has its own customers");

  const authorizations = new Set(stripe.requests.map((sent) => sent.authorization));
  assert.deepEqual(authorizations, new Set([`Bearer ${keys.a}`, `Bearer ${keys.b}`]));

  const marked = await api.get("/api/v1/marketplace/plugins?q=stripe");
  assert.equal(marked.body.items[0].installed.id, install.body.id);

  const page = await host.admin.get("/api/v1/tenants?limit=1");
  assert.equal(page.body.items.length, 1);
  const rest = await host.admin.get(`/api/v1/tenants?limit=100&cursor=${page.body.nextCursor}`);
  assert.deepEqual(
    [...page.body.items, ...rest.body.items].map((tenant) => tenant.id),
    [created.body.id, other.id],
  );

  const document = await host.anonymous.get("/api/v1/openapi.json");
  assert.equal(document.status, 200);
  assert.equal(document.body.openapi, "3.1.0");
});
