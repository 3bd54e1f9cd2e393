import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { connect } from "./connect.ts";

test("more requests than an account may make in a second are 429, and the next second is another one", async (t) => {
  let nowMs = 5_000;
  const { stripe, as } = await connect(t, { requestsPerSecond: 2, nowMs: () => nowMs });
  await stripe.customers.list();
  await stripe.customers.list();
  await assert.rejects(stripe.customers.list(), (error: unknown) => {
    assert.ok(error instanceof Stripe.errors.StripeRateLimitError);
    assert.equal(error.code, "rate_limit");
    assert.equal(error.headers?.["stripe-rate-limited-reason"], "global-rate");
    return true;
  });
  await as("sk_test_other").customers.list();
  nowMs += 1_000;
  await stripe.customers.list();
});

test("Stripe's client tries again what Stripe says may be tried again, and nothing is made twice", async (t) => {
  const { url, failNext, requests } = await connect(t);
  const stripe = new Stripe("sk_test_main", {
    host: "127.0.0.1",
    port: new URL(url).port,
    protocol: "http",
    maxNetworkRetries: 3,
  });
  failNext("lock_timeout", "unavailable", "cut_off");
  const made = await stripe.products.create({ name: "Lamp" });
  const { data } = await stripe.products.list();
  assert.deepEqual(
    data.map(({ id }) => id),
    [made.id],
  );
  assert.equal(new Set(requests.slice(0, 4).map(({ idempotencyKey }) => idempotencyKey)).size, 1);
});

test("a restricted key does what it may in the account that it is of", async (t) => {
  const { stripe, as } = await connect(t, {
    restrictedKeys: { rk_test_reader: { of: "sk_test_main", permissions: ["customer_read", "plan_write"] } },
  });
  const reader = as("rk_test_reader");
  const { id } = await stripe.customers.create();
  assert.equal((await reader.customers.retrieve(id)).id, id);
  await reader.prices.list();
  await assert.rejects(reader.customers.update(id, { name: "x" }), (error: unknown) => {
    assert.ok(error instanceof Stripe.errors.StripePermissionError);
    assert.match(error.message, /'rak_customer_write' permission would allow this request/);
    assert.doesNotMatch(error.message, /rk_test_reader/);
    return true;
  });
  await assert.rejects(reader.charges.list(), Stripe.errors.StripePermissionError);
});
