import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import Stripe from "stripe";
import { connect } from "./connect.ts";

/** An endpoint that answers with these statuses, then with 200. */
async function listen(t: TestContext, ...statuses: number[]) {
  const received: { body: string; signature: string }[] = [];
  const server = createServer(async (request, reply) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ body, signature: String(request.headers["stripe-signature"]) });
    reply.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

test("an endpoint is sent what it listens to, signed so that Stripe's client takes it for Stripe's", async (t) => {
  const { stripe, delivered } = await connect(t);
  const { received, url } = await listen(t);
  const { secret = "" } = await stripe.webhookEndpoints.create({ url, enabled_events: ["customer.created"] });
  const customer = await stripe.customers.create({ email: "ann@example.com" });
  await stripe.customers.update(customer.id, { name: "Ann" });
  await delivered();

  assert.equal(received.length, 1);
  const [{ body, signature } = { body: "", signature: "" }] = received;
  const event = Stripe.webhooks.constructEvent(body, signature, secret);
  assert.equal(event.type, "customer.created");
  assert.deepEqual(event.data.object, { ...(await stripe.customers.retrieve(customer.id)), name: null });
  assert.throws(() => Stripe.webhooks.constructEvent(body.replace("ann@", "eve@"), signature, secret));
  assert.equal((await stripe.events.retrieve(event.id)).pending_webhooks, 0);
});

test("a delivery that was not taken is made again, signed anew", async (t) => {
  let nowMs = 1_790_000_000_000;
  const { stripe, delivered, deliveries } = await connect(t, {
    retryDelaysMs: [1, 1],
    nowMs: () => (nowMs += 1_000),
  });
  const { received, url } = await listen(t, 500, 302);
  await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  await stripe.products.create({ name: "Lamp" });
  await delivered();

  assert.deepEqual(
    deliveries.map(({ attempt, status }) => [attempt, status]),
    [
      [1, 500],
      [2, 302],
      [3, 200],
    ],
  );
  assert.equal(new Set(received.map(({ body }) => body)).size, 1);
  assert.equal(new Set(received.map(({ signature }) => signature)).size, 3);
});

test("an endpoint that was switched off or deleted is sent nothing", async (t) => {
  const { stripe, delivered, deliveries } = await connect(t);
  const { url } = await listen(t);
  const off = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  const gone = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  await stripe.webhookEndpoints.update(off.id, { disabled: true });
  await stripe.webhookEndpoints.del(gone.id);
  await stripe.products.create({ name: "Lamp" });
  await delivered();
  assert.deepEqual(deliveries, []);
});
