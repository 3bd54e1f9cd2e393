import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { connect } from "./connect.ts";

test("a missing customer is 404 resource_missing, with a link to the log", async (t) => {
  const { stripe } = await connect(t);

  await assert.rejects(stripe.customers.retrieve("cus_nobody"), (error: unknown) => {
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
    assert.equal(error.statusCode, 404);
    assert.equal(error.code, "resource_missing");
    assert.equal(error.param, "id");
    assert.equal(error.message, "No such customer: 'cus_nobody'");
    assert.match(error.requestId ?? "", /^req_\w+$/);
    assert.equal(error.request_log_url, `https://dashboard.stripe.com/test/logs/${error.requestId}`);
    return true;
  });
});

test("a cursor that names nothing is 400 resource_missing on that parameter", async (t) => {
  const { stripe } = await connect(t);

  await assert.rejects(stripe.customers.list({ starting_after: "cus_nobody" }), {
    statusCode: 400,
    code: "resource_missing",
    param: "starting_after",
  });
});

const refusals: [name: string, params: object, expected: { code: string; param: string }][] = [
  ["an unknown parameter", { nickname: "x" }, { code: "parameter_unknown", param: "nickname" }],
  [
    "an unknown nested parameter",
    { address: { planet: "x" } },
    { code: "parameter_unknown", param: "address[planet]" },
  ],
  [
    "a missing parameter",
    { shipping: { address: { city: "x" } } },
    { code: "parameter_missing", param: "shipping[name]" },
  ],
  ["a bad email", { email: "nonsense" }, { code: "email_invalid", param: "email" }],
  ["a bad integer", { balance: 1.5 }, { code: "parameter_invalid_integer", param: "balance" }],
  ["a bad choice", { tax_exempt: "maybe" }, { code: "parameter_invalid_enum", param: "tax_exempt" }],
  ["text that is too long", { name: "x".repeat(257) }, { code: "parameter_invalid_string", param: "name" }],
  [
    "a metadata key that is too long",
    { metadata: { ["k".repeat(41)]: "v" } },
    { code: "parameter_invalid_string", param: `metadata[${"k".repeat(41)}]` },
  ],
];
for (const [name, params, expected] of refusals) {
  test(`${name} is refused with Stripe's code and the parameter's name`, async (t) => {
    const { stripe } = await connect(t);
    await assert.rejects(stripe.customers.create(params), { statusCode: 400, ...expected });
    assert.deepEqual((await stripe.customers.list()).data, []);
  });
}

test("a limit over 100 and two cursors at once are refused", async (t) => {
  const { stripe } = await connect(t);
  const { id } = await stripe.customers.create();

  await assert.rejects(stripe.customers.list({ limit: 101 }), {
    code: "parameter_invalid_integer",
    param: "limit",
  });
  await assert.rejects(stripe.customers.list({ starting_after: id, ending_before: id }), { statusCode: 400 });
});

test("an unknown path is refused as Stripe does", async (t) => {
  const { url } = await connect(t);
  const reply = await fetch(`${url}/v1/nonsense`, { headers: { authorization: "Bearer sk_test_main" } });

  assert.equal(reply.status, 404);
  assert.match(JSON.stringify(await reply.json()), /Unrecognized request URL \(GET: \/v1\/nonsense\)/);
});

test("a JSON body is refused: the v1 API takes forms", async (t) => {
  const { url } = await connect(t);
  const reply = await fetch(`${url}/v1/customers`, {
    method: "POST",
    headers: { authorization: "Bearer sk_test_main", "content-type": "application/json" },
    body: "{}",
  });

  assert.equal(reply.status, 400);
  assert.match(JSON.stringify(await reply.json()), /application\/x-www-form-urlencoded/);
});
