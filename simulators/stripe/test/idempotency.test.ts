import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { connect } from "./connect.ts";

test("the same key and parameters get the first reply again", async (t) => {
  const { stripe } = await connect(t);

  const first = await stripe.customers.create({ name: "A" }, { idempotencyKey: "k" });
  const again = await stripe.customers.create({ name: "A" }, { idempotencyKey: "k" });

  assert.equal(again.id, first.id);
  assert.equal(first.lastResponse.headers["idempotent-replayed"], undefined);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  assert.equal(again.lastResponse.headers["original-request"], first.lastResponse.requestId);
  assert.equal((await stripe.customers.list()).data.length, 1);
});

test("the same key with other parameters is an idempotency error", async (t) => {
  const { stripe } = await connect(t);
  const { id } = await stripe.customers.create({ name: "A" }, { idempotencyKey: "k" });

  await assert.rejects(
    stripe.customers.create({ name: "B" }, { idempotencyKey: "k" }),
    Stripe.errors.StripeIdempotencyError,
  );
  await assert.rejects(
    stripe.customers.update(id, { name: "A" }, { idempotencyKey: "k" }),
    Stripe.errors.StripeIdempotencyError,
  );
});

test("a refused request does not use up its key", async (t) => {
  const { stripe } = await connect(t);

  await assert.rejects(stripe.customers.create({ email: "nonsense" }, { idempotencyKey: "k" }));
  const created = await stripe.customers.create({ email: "a@example.com" }, { idempotencyKey: "k" });

  assert.equal(created.email, "a@example.com");
});

test("keys belong to one account", async (t) => {
  const { stripe, as } = await connect(t);
  const mine = await stripe.customers.create({ name: "A" }, { idempotencyKey: "k" });
  const theirs = await as("sk_test_other").customers.create({ name: "B" }, { idempotencyKey: "k" });

  assert.notEqual(mine.id, theirs.id);
});
