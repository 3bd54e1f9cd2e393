/** Vendors' own client libraries run inside of plugins as they are, and never see a credential. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startShopifySimulator } from "@plugboard/simulator-shopify";
import { startStripeSimulator } from "@plugboard/simulator-stripe";
import { startFaultyVendor } from "../support/faulty-vendor.ts";
import { publishFixture } from "../support/fixture-plugin.ts";
import { startTestHost, type TestTenant } from "../support/host.ts";
import { registerPublisher } from "../support/plugin.ts";

for (const isolation of ["thread", "process"] as const)
  describe(`isolation: ${isolation}`, () => {
    test("the official stripe package works", async (t) => {
      const key = "sk_test_of_the_tenant_0123456789";
      const simulator = await startStripeSimulator({ apiKeys: [key] });
      t.after(() => simulator.close());
      const vendor = await startFaultyVendor(t, simulator.url);
      const host = await startTestHost(t, { isolation, egressRewrite: { "api.stripe.com": vendor.url } });
      const publisher = await registerPublisher(host.address, "fixtures");
      await publishFixture(host.address, publisher, "stripe-sdk");
      const run = await connectTo(await host.tenant(), "fixtures/stripe-sdk", {
        auth: { type: "bearer", token: key },
      });

      await t.test("create, read, and all pages of a list", async () => {
        const emails = ["a@example.com", "b@example.com", "c@example.com"];
        for (const email of emails) {
          const created = await run("create-customer", { email, metadata: { plan: "pro & more" } });
          assert.equal(created.status, 200, JSON.stringify(created.body));
          const read = await run("get-customer", { id: created.body.output.id });
          assert.deepEqual(read.body.output, created.body.output);
        }
        const listed = await run("all-customers", { pageSize: 2 });
        assert.deepEqual(listed.body.output, { emails: emails.toReversed() });
        assert.equal(simulator.requests[0]?.authorization, `Bearer ${key}`);
        assert.ok(simulator.requests.every(({ authorization }) => authorization === `Bearer ${key}`));
        assert.equal(
          JSON.stringify(simulator.requests[0]?.params),
          '{"email":"a@example.com","metadata":{"plan":"pro & more"}}',
        );
      });

      await t.test("the same idempotency key makes one customer", async () => {
        const input = { email: "once@example.com", idempotencyKey: "order-7" };
        const first = await run("create-customer", input);
        assert.deepEqual((await run("create-customer", input)).body.output, first.body.output);
        const other = await run("create-customer", { ...input, email: "other@example.com" });
        assert.equal(other.status, 409);
        assert.equal(other.body.code, "vendor-conflict");
        assert.match(other.body.detail, /Keys for idempotent requests/);
      });

      for (const status of [429, 500])
        await t.test(`a ${status} is tried again under the same idempotency key`, async () => {
          vendor.answered.length = 0;
          vendor.failures.push(status);
          const created = await run("create-customer", { email: `after-${status}@example.com` });
          assert.equal(created.status, 200, JSON.stringify(created.body));
          assert.deepEqual(
            vendor.answered.map((one) => one.status),
            [status, 200],
          );
          const [first, second] = vendor.answered;
          assert.ok(first?.idempotencyKey);
          assert.equal(second?.idempotencyKey, first.idempotencyKey);
        });

      await t.test("what Stripe refuses is Stripe's error, with its message and code", async () => {
        const missing = await run("get-customer", { id: "cus_nobody" });
        assert.equal(missing.status, 404);
        assert.equal(missing.body.code, "vendor-not-found");
        assert.match(missing.body.detail, /No such customer: 'cus_nobody'/);
        const invalid = await run("create-customer", { email: "no address" });
        assert.equal(invalid.status, 422, JSON.stringify(invalid.body));
        assert.match(invalid.body.detail, /Invalid email address/);
      });
    });

    test("the official @shopify/admin-api-client works", async (t) => {
      const accessToken = "shpat_of_the_tenant_0123456789";
      let now = Date.UTC(2026, 10, 1);
      const shopify = await startShopifySimulator({
        shops: { "north.myshopify.com": { accessTokens: [accessToken] } },
        bucket: { maximumAvailable: 40, restoreRate: 10 },
        nowMs: () => now,
      });
      t.after(() => shopify.close());
      const host = await startTestHost(t, {
        isolation,
        egressRewrite: { "north.myshopify.com": shopify.url },
      });
      const publisher = await registerPublisher(host.address, "fixtures");
      await publishFixture(host.address, publisher, "shopify-sdk");
      const run = await connectTo(await host.tenant(), "fixtures/shopify-sdk", {
        config: { shop: "north" },
        auth: { type: "apiKey", key: accessToken },
      });
      const refill = () => {
        now += 60_000;
      };

      await t.test("a mutation and a query with variables, page by page", async () => {
        for (const title of ["Lamp", "Table", "Chair"]) {
          const created = await run("create-product", { title });
          assert.equal(created.status, 200, JSON.stringify(created.body));
          assert.equal(created.body.output.handle, title.toLowerCase());
          refill();
        }
        const listed = await run("all-products", { pageSize: 2 });
        assert.deepEqual(listed.body.output, { titles: ["Lamp", "Table", "Chair"] });
        assert.ok(shopify.requests.every((request) => request.accessToken === accessToken));
        assert.deepEqual(shopify.requests[0]?.variables, { product: { title: "Lamp" } });
      });

      await t.test("userErrors are told", async () => {
        refill();
        const refused = await run("create-product", { title: "Other", handle: "lamp" });
        assert.equal(refused.status, 422, JSON.stringify(refused.body));
        assert.match(refused.body.detail, /Handle 'lamp' already in use/);
      });

      await t.test("a throttled reply says when to come back", async () => {
        refill();
        let answer = await run("create-product", { title: "Many" });
        while (answer.status === 200) answer = await run("create-product", { title: "Many" });
        assert.equal(answer.status, 429, JSON.stringify(answer.body));
        assert.equal(answer.body.code, "vendor-rate-limited");
        assert.equal(answer.headers.get("retry-after"), "1");
        refill();
        assert.equal((await run("create-product", { title: "Many" })).status, 200);
      });

      await t.test("a 429 and a 500 are tried again", async () => {
        refill();
        const before = shopify.requests.length;
        shopify.failNext({ status: 429, headers: { "Retry-After": "0" } }, { status: 503 });
        const listed = await run("all-products", { pageSize: 10 });
        assert.equal(listed.status, 200, JSON.stringify(listed.body));
        assert.deepEqual(
          shopify.requests.slice(before).map(({ status }) => status),
          [429, 503, 200],
        );
      });
    });
  });

/** Installs with consent, connects, and answers what runs an action. */
async function connectTo({ api }: TestTenant, plugin: string, connection: object) {
  const { body } = await api.post("/api/v1/installs", { plugin });
  const install = await api.post("/api/v1/installs", { plugin, consent: body.consent });
  assert.equal(install.status, 201, JSON.stringify(install.body));
  const connected = await api.post("/api/v1/connections", {
    installId: install.body.id,
    name: "Ours",
    ...connection,
  });
  assert.equal(connected.status, 201, JSON.stringify(connected.body));
  return (action: string, input: object) =>
    api.post(`/api/v1/connections/${connected.body.id}/actions/${action}`, { input });
}
