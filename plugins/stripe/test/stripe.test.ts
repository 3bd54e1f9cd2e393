import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTestHost, type TestHost } from "@plugboard/plugin-sdk/testing";
import { type StripeSimulator, startStripeSimulator } from "@plugboard/simulator-stripe";

const directory = join(import.meta.dirname, "..");

/** The built plugin in the sandbox, against the simulator; the key is added on the way, as a host does. */
async function connect(t: TestContext): Promise<{ stripe: TestHost; vendor: StripeSimulator }> {
  const vendor = await startStripeSimulator({ apiKeys: ["sk_test_tenant"] });
  t.after(() => vendor.close());
  const stripe = await openPlugin(t, (request) => {
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.set("Authorization", "Bearer sk_test_tenant");
    return fetch(new Request(new URL(pathname + search, vendor.url), new Request(request, { headers })));
  });
  return { stripe, vendor };
}

async function openPlugin(
  t: TestContext,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<TestHost> {
  const host = await createTestHost({ directory, answer });
  t.after(() => host.close());
  return host;
}

test("a customer is created with all its fields, and read back the same", async (t) => {
  const { stripe, vendor } = await connect(t);
  const input = {
    email: "jenny@example.com",
    name: "Jenny Rosen",
    address: { line1: "1 Road", postalCode: "0150", city: "Oslo", country: "NO" },
    metadata: { plan: "pro", "team & size": "7=8" },
  };

  const created = (await stripe.run("create-customer", input)) as { id: string };
  const read = await stripe.run("get-customer", { id: created.id });

  assert.deepEqual(read, created);
  assert.deepEqual(
    { ...created, id: "cus", createdAt: "now" },
    { ...input, id: "cus", createdAt: "now", phone: null, description: null, livemode: false },
  );
  const [request] = vendor.requests;
  assert.equal(request?.headers["stripe-version"], "2026-10-28.endive");
  assert.match(request?.idempotencyKey ?? "", /^[0-9a-f-]{36}$/);
});

test("a repeated call with the same idempotency key makes one customer", async (t) => {
  const { stripe } = await connect(t);
  const input = { name: "A", idempotencyKey: "order-7" };

  const first = await stripe.run("create-customer", input);
  assert.deepEqual(await stripe.run("create-customer", input), first);
  await assert.rejects(stripe.run("create-customer", { ...input, name: "B" }), { code: "conflict" });
});

test("customers are listed page by page until the cursor is null", async (t) => {
  const { stripe } = await connect(t);
  for (const name of ["1", "2", "3"]) await stripe.run("create-customer", { name });

  interface Page {
    items: { name: string }[];
    nextCursor: string | null;
  }
  const first = (await stripe.run("list-customers", { limit: 2 })) as unknown as Page;
  const second = (await stripe.run("list-customers", {
    limit: 2,
    cursor: first.nextCursor,
  })) as unknown as Page;

  assert.deepEqual(
    [...first.items, ...second.items].map(({ name }) => name),
    ["3", "2", "1"],
  );
  assert.equal(second.nextCursor, null);
});

test("customers are listed by email", async (t) => {
  const { stripe } = await connect(t);
  await stripe.run("create-customer", { email: "a+b@example.com" });
  await stripe.run("create-customer", { email: "c@example.com" });

  const page = (await stripe.run("list-customers", { email: "a+b@example.com" })) as { items: object[] };
  assert.equal(page.items.length, 1);
});

test("what Stripe refuses has a class, Stripe's message and its code", async (t) => {
  const { stripe } = await connect(t);

  await assert.rejects(stripe.run("get-customer", { id: "cus_nobody" }), {
    code: "not-found",
    message: "No such customer: 'cus_nobody'",
    details: { status: 404, code: "resource_missing", param: "id" },
  });
  await assert.rejects(stripe.run("list-customers", { cursor: "cus_nobody" }), { code: "invalid-input" });
});

test("a deleted customer is not found", async (t) => {
  const { stripe, vendor } = await connect(t);
  const { id } = (await stripe.run("create-customer", {})) as { id: string };
  await fetch(`${vendor.url}/v1/customers/${id}`, {
    method: "DELETE",
    headers: { authorization: "Bearer sk_test_tenant" },
  });

  await assert.rejects(stripe.run("get-customer", { id }), { code: "not-found", message: /was deleted/ });
});

test("every status has its class, also without Stripe's error body", async (t) => {
  let status = 0;
  const stripe = await openPlugin(
    t,
    () => new Response("<html>", { status, headers: { "Retry-After": "2" } }),
  );

  for (const [answered, code] of [
    [401, "unauthorized"],
    [402, "vendor-error"],
    [403, "unauthorized"],
    [409, "conflict"],
    [429, "rate-limited"],
    [500, "vendor-unavailable"],
    [503, "vendor-unavailable"],
  ] as const) {
    status = answered;
    await assert.rejects(stripe.run("list-customers", {}), { code, retryAfterMs: 2000, details: { status } });
  }
});
