import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createTestHost, type TestHost } from "@plugboard/plugin-sdk/testing";
import { type StripeSimulator, startStripeSimulator } from "@plugboard/simulator-stripe";

let vendor: StripeSimulator;
let stripe: TestHost;

before(async () => {
  vendor = await startStripeSimulator({ apiKeys: ["sk_test_tenant"] });
  stripe = await createTestHost({
    directory: join(import.meta.dirname, ".."),
    answer(request) {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("Authorization", "Bearer sk_test_tenant");
      return fetch(new Request(new URL(pathname + search, vendor.url), new Request(request, { headers })));
    },
  });
});

after(async () => {
  await stripe.close();
  await vendor.close();
});

test("a customer is a record: created, read, changed, found by its address, and removed", async () => {
  const created = await stripe.entity("customer", "create", {
    record: { email: "ann@example.com", address: { city: "Oslo", postalCode: "0150" } },
    idempotencyKey: "one",
  });
  const key = String(created.id);
  assert.equal(vendor.requests.at(-1)?.idempotencyKey, "one");
  assert.deepEqual(await stripe.entity("customer", "get", { key }), created);
  const changed = await stripe.entity("customer", "update", { key, changes: { name: "Ann" } });
  assert.deepEqual(changed, { ...created, name: "Ann" });
  const found = await stripe.entity("customer", "list", { filter: { email: "ann@example.com" } });
  assert.deepEqual(found, { items: [changed], nextCursor: null });
  assert.equal(await stripe.entity("customer", "remove", { key }), null);
  await assert.rejects(stripe.entity("customer", "get", { key }), { code: "not-found" });
  await assert.rejects(stripe.entity("customer", "remove", { key }), { code: "not-found" });
});

test("records are listed page by page, and what is no field is refused", async () => {
  for (const name of ["a", "b", "c"])
    await stripe.entity("customer", "create", { record: { name }, idempotencyKey: name });
  const first = await stripe.entity("customer", "list", { limit: 2 });
  const second = await stripe.entity("customer", "list", { limit: 2, cursor: first.nextCursor });
  assert.deepEqual(
    [...first.items, ...second.items].map(({ name }) => name),
    ["c", "b", "a"],
  );
  assert.equal(second.nextCursor, null);
  await assert.rejects(stripe.entity("customer", "create", { record: { nmae: "x" } }), /\/record\/nmae/);
});

test("new customers are found once each, over pages and polls", async () => {
  const keys = new Set<string>();
  let cursor: string | null = null;
  const poll = async () => {
    const found = await stripe.poll("new-customer", { cursor });
    cursor = found.cursor;
    const fresh = found.items.filter(({ key }) => !keys.has(key)).map(({ key }) => key);
    for (const key of fresh) keys.add(key);
    return { fresh: fresh.length, hasMore: found.hasMore };
  };
  for (let i = 0; i < 101; i++)
    await stripe.entity("customer", "create", { record: {}, idempotencyKey: `many-${i}` });
  // Three of the test before.
  assert.deepEqual(await poll(), { fresh: 100, hasMore: true });
  assert.deepEqual(await poll(), { fresh: 4, hasMore: false });
  await stripe.entity("customer", "create", { record: {}, idempotencyKey: "late" });
  // What was created in the same second is seen again, page for page, and is known by its key.
  let fresh = 0;
  for (let more = true; more; ) {
    const found = await poll();
    fresh += found.fresh;
    more = found.hasMore;
  }
  assert.equal(fresh, 1);
});

test("Stripe's deliveries about customers become events, others become none", async () => {
  const { items } = await stripe.entity("customer", "list", { limit: 1 });
  const [record] = items;
  const response = await fetch(`${vendor.url}/v1/customers/${record?.id}`, {
    headers: { authorization: "Bearer sk_test_tenant" },
  });
  const delivery = (type: string) => ({
    body: { id: "evt_1", type, created: 1_790_000_000, data: { object: customer } },
  });
  const customer = await response.json();
  assert.deepEqual(await stripe.normalize(delivery("customer.updated")), [
    {
      type: "customer.updated",
      id: "evt_1",
      occurredAt: "2026-09-21T14:13:20.000Z",
      entity: "customer",
      key: record?.id,
      data: record,
    },
  ]);
  assert.deepEqual(await stripe.normalize(delivery("invoice.paid")), []);
  await assert.rejects(stripe.normalize({ body: "hello" }), { code: "invalid-input" });
});
