import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { connect } from "./connect.ts";

test("a key that is not known is 401, and the message does not repeat it", async (t) => {
  const { as, requests } = await connect(t, { apiKeys: ["sk_test_known"] });

  await assert.rejects(as("sk_test_unknown_1234").customers.list(), (error: unknown) => {
    assert.ok(error instanceof Stripe.errors.StripeAuthenticationError);
    assert.equal(error.statusCode, 401);
    assert.match(error.message, /^Invalid API Key provided: sk_test_\*+1234$/);
    return true;
  });
  await as("sk_test_known").customers.list();
  assert.deepEqual(
    requests.map(({ status }) => status),
    [401, 200],
  );
});

test("no key at all is 401 with a challenge", async (t) => {
  const { url } = await connect(t);
  const reply = await fetch(`${url}/v1/customers`);

  assert.equal(reply.status, 401);
  assert.equal(reply.headers.get("www-authenticate"), 'Basic realm="Stripe"');
  assert.match(JSON.stringify(await reply.json()), /You did not provide an API key/);
});

test("the key may also be the user name of Basic authentication", async (t) => {
  const { url } = await connect(t);
  const authorization = `Basic ${Buffer.from("sk_test_main:").toString("base64")}`;

  assert.equal((await fetch(`${url}/v1/account`, { headers: { authorization } })).status, 200);
});

test("every request is recorded as the vendor saw it", async (t) => {
  const { stripe, requests } = await connect(t);
  await stripe.customers.create({ name: "A", metadata: { plan: "pro" } }, { idempotencyKey: "once" });

  const [recorded] = requests;
  assert.equal(recorded?.method, "POST");
  assert.equal(recorded?.path, "/v1/customers");
  assert.equal(recorded?.authorization, "Bearer sk_test_main");
  assert.equal(recorded?.idempotencyKey, "once");
  assert.equal(recorded?.status, 200);
  assert.equal(JSON.stringify(recorded?.params), '{"name":"A","metadata":{"plan":"pro"}}');
});
