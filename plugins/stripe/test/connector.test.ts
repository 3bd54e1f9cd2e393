import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { PluginFailure } from "@plugboard/plugin-sdk/testing";
import Stripe from "stripe";
import { stripeVersion } from "../api/stripe.ts";
import { resources } from "../resources/index.ts";
import { type Connected, connect } from "./connect.ts";

let connected: Connected;
let account = 0;
before(async () => {
  connected = await connect();
});
// Each test has an account with nothing in it.
beforeEach(() => {
  account += 1;
  connected.useKey(keyNow());
});
after(() => connected.close());

interface TestEvent {
  data: { object: { name: string } };
}

const keyNow = () => `sk_test_account_${account}`;
// biome-ignore lint/suspicious/noExplicitAny: what an action answers is known to the test that runs it
type Answer = any;
const run = (action: string, input: object = {}): Promise<Answer> =>
  connected.host.run(action, input as never);
const lastRequest = () => connected.vendor.requests.at(-1);
const refusal = (status: number, error: object, headers: Record<string, string> = {}) =>
  connected.answerNext(() => Response.json({ error }, { status, headers }));

const paid = {
  amount: 2000,
  currency: "usd",
  confirm: true,
  paymentMethod: "pm_card_visa",
  automaticPaymentMethods: { enabled: true, allowRedirects: "never" },
};

describe("requests", () => {
  test("name the version that Stripe's client of these types has", async () => {
    assert.equal(stripeVersion, Stripe.API_VERSION);
    await run("list-customers");
    assert.equal(lastRequest()?.headers["stripe-version"], stripeVersion);
  });

  test("each write has an idempotency key of its call, or the caller's", async () => {
    await run("create-product", { name: "A" });
    await run("create-product", { name: "A" });
    const [first, second] = connected.vendor.requests.slice(-2);
    assert.match(first?.idempotencyKey ?? "", /^idem_/);
    assert.notEqual(first?.idempotencyKey, second?.idempotencyKey);
    const many = ["B", "B"].map((name) => ({ op: "create" as const, record: { name } }));
    await connected.host.batch("customer", many);
    const keys = connected.vendor.requests.slice(-4).map(({ idempotencyKey }) => idempotencyKey);
    assert.equal(new Set(keys).size, 4, "also where many are written at once");
    const known = [{ op: "create" as const, record: { name: "C" }, idempotencyKey: "order-8" }];
    const [once] = await connected.host.batch("customer", known);
    assert.deepEqual(await connected.host.batch("customer", known), [once], "and none is made twice");
    const { id } = await run("create-customer", { name: "A", idempotencyKey: "order-7" });
    assert.equal(lastRequest()?.idempotencyKey, "order-7");
    assert.equal((await run("create-customer", { name: "A", idempotencyKey: "order-7" })).id, id);
    await assert.rejects(run("create-customer", { name: "B", idempotencyKey: "order-7" }), {
      code: "conflict",
    });
    await assert.rejects(run("create-customer", { idempotencyKey: "order\r\n7" }), /idempotencyKey/);
    await run("delete-customer", { id });
    assert.equal(lastRequest()?.idempotencyKey, undefined);
  });

  test("what was asked to be expanded comes along as Stripe writes it, and ids stay ids", async () => {
    const { id } = await run("create-customer", { name: "Ann" });
    const expand = ["latest_charge.balance_transaction", "customer"];
    const intent = await run("create-payment-intent", { ...paid, customer: id, expand });
    assert.equal(intent.customer, id);
    assert.equal(intent.expanded.customer.name, "Ann");
    assert.equal(intent.expanded.latest_charge.balance_transaction.net, 1912);
    const { items } = await run("list-charges", { expand: ["customer"] });
    assert.equal(items[0].expanded.customer.name, "Ann");
    assert.equal((await run("get-charge", { id: intent.latestCharge })).expanded, undefined);
  });

  test("lists are narrowed down by when records were made", async () => {
    const { createdAt } = await run("create-product", { name: "Lamp" });
    const later = new Date(Date.parse(createdAt) + 1_000).toISOString();
    const ids = async (input: object) => (await run("list-products", input)).items.length;
    assert.deepEqual(
      [
        await ids({ createdFrom: createdAt, createdBefore: later }),
        await ids({ createdFrom: later }),
        await ids({ createdBefore: createdAt }),
      ],
      [1, 0, 0],
    );
  });
});

describe("refusals", () => {
  test("of parameters point at the input", async () => {
    await run("create-product", { name: "Seats" });
    await assert.rejects(
      run("create-checkout-session", {
        mode: "payment",
        successUrl: "https://shop.example/",
        lineItems: [{ price: "price_nobody" }],
      }),
      {
        code: "invalid-input",
        message: "No such price: 'price_nobody'",
        details: {
          status: 400,
          type: "invalid_request_error",
          code: "resource_missing",
          param: "line_items[0][price]",
          pointer: "/lineItems/0/price",
          docUrl: "https://stripe.com/docs/error-codes/resource-missing",
        },
      },
    );
    await assert.rejects(
      run("list-customers", { cursor: "cus_nobody" }),
      (error: { details: { pointer?: string } }) => {
        assert.equal(error.details.pointer, "/cursor");
        return true;
      },
    );
  });

  test("of a card say which, and what was charged", async () => {
    await assert.rejects(
      run("create-payment-intent", { ...paid, paymentMethod: "pm_card_chargeDeclinedInsufficientFunds" }),
      (error: PluginFailure) => {
        assert.equal(error.code, "vendor-error");
        assert.equal(error.message, "Your card has insufficient funds.");
        const { type, declineCode, charge, paymentIntent } = error.details as { [name: string]: string };
        assert.deepEqual([type, declineCode], ["card_error", "insufficient_funds"]);
        assert.match(charge ?? "", /^ch_/);
        assert.match(paymentIntent ?? "", /^pi_/);
        return true;
      },
    );
  });

  for (const [what, status, error, code] of [
    ["of an unknown key", 401, { type: "invalid_request_error" }, "unauthorized"],
    ["of what a restricted key may not", 403, { type: "invalid_request_error" }, "forbidden"],
    ["of a used key of idempotency", 400, { type: "idempotency_error" }, "conflict"],
    [
      "of a key of idempotency in use",
      409,
      { type: "idempotency_error", code: "idempotency_key_in_use" },
      "conflict",
    ],
    [
      "of a state",
      400,
      { type: "invalid_request_error", code: "payment_intent_unexpected_state" },
      "conflict",
    ],
    [
      "of a refund made before",
      400,
      { type: "invalid_request_error", code: "charge_already_refunded" },
      "conflict",
    ],
    ["of too many requests", 429, { type: "invalid_request_error", code: "rate_limit" }, "rate-limited"],
    ["of a locked record", 429, { type: "invalid_request_error", code: "lock_timeout" }, "rate-limited"],
    ["of a failed dependency", 424, { type: "api_error" }, "vendor-unavailable"],
    ["for a fault of Stripe's", 500, { type: "api_error" }, "vendor-unavailable"],
  ] as const)
    test(`${what} have their class`, async () => {
      refusal(status, { ...error, message: "No." }, { "Retry-After": "2" });
      await assert.rejects(run("get-customer", { id: "cus_1" }), {
        code,
        message: "No.",
        retryAfterMs: 2000,
      });
    });

  test("without Stripe's body have the class of their status", async () => {
    connected.answerNext(() => new Response("<html>", { status: 503 }));
    await assert.rejects(run("list-customers"), {
      code: "vendor-unavailable",
      message: "Stripe answered 503.",
      details: { status: 503 },
    });
  });
});

describe("records", () => {
  const entity: Connected["host"]["entity"] = (...args) => connected.host.entity(...args);

  test("are created, read, changed, listed and removed", async () => {
    const created = await entity("customer", "create", {
      record: { email: "ann@example.com", address: { city: "Oslo", postalCode: "0150" } },
      idempotencyKey: "one",
    });
    const key = String(created.id);
    assert.equal(lastRequest()?.idempotencyKey, "one");
    assert.deepEqual(created.address, { city: "Oslo", postalCode: "0150" });
    assert.deepEqual(await entity("customer", "get", { key }), created);
    const changed = await entity("customer", "update", { key, changes: { name: "Ann", address: null } });
    assert.deepEqual(changed, { ...created, name: "Ann", address: null });
    const found = await entity("customer", "list", { filter: { email: "ann@example.com" } });
    assert.deepEqual(found, { items: [changed], nextCursor: null });
    assert.equal(await entity("customer", "remove", { key }), null);
    await assert.rejects(entity("customer", "get", { key }), { code: "not-found" });
    await assert.rejects(entity("customer", "remove", { key }), { code: "not-found" });
  });

  test("refuse fields that Stripe takes at the creation only, before it is asked", async () => {
    const { id } = await run("create-product", { name: "Lamp" });
    const price = await entity("price", "create", {
      record: { product: id, currency: "usd", unitAmount: 500 },
    });
    const asked = connected.vendor.requests.length;
    await assert.rejects(entity("price", "update", { key: String(price.id), changes: { unitAmount: 600 } }), {
      code: "invalid-input",
      details: { pointer: "/unitAmount" },
    });
    assert.equal(connected.vendor.requests.length, asked);
    const renamed = await entity("price", "update", { key: String(price.id), changes: { nickname: "Half" } });
    assert.equal(renamed.nickname, "Half");
  });

  test("lose a list that is changed to nothing, and refuse that where Stripe keeps it", async () => {
    const images = ["https://example.com/gold.png"];
    const { id: key } = await entity("product", "create", { record: { name: "Lamp", images } });
    assert.deepEqual((await run("update-product", { id: key as string, images: [] })).images, []);
    await entity("product", "update", { key: key as string, changes: { images } });
    const changes = { images: [], marketingFeatures: [] };
    const changed = await entity("product", "update", { key: key as string, changes });
    assert.deepEqual([changed.images, changed.marketingFeatures], [[], []]);
    const created = await entity("product", "create", { record: { name: "Lamp", images: [] } });
    assert.deepEqual(created.images, []);
    assert.deepEqual(
      { ...lastRequest()?.params },
      { name: "Lamp" },
      "Stripe refuses to unset what is not there yet",
    );
    await assert.rejects(run("create-customer", { preferredLocales: [] }), /preferredLocales/);
  });

  test("are told from the beginning, then as they change, each once and as it is last", async () => {
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) ids.push((await run("create-customer", { name })).id);
    const first = await entity("customer", "changesSince", { limit: 2 });
    const second = await entity("customer", "changesSince", { cursor: first.cursor, limit: 2 });
    assert.deepEqual([first.hasMore, second.hasMore], [true, false]);
    assert.deepEqual(
      [...first.changes, ...second.changes].map(({ key }) => key),
      ids.toReversed(),
    );
    const [a = "", b = "", c = ""] = ids;
    await run("update-customer", { id: b, name: "b2" });
    await run("update-customer", { id: a, name: "a2" });
    await run("update-customer", { id: b, name: "b3" });
    await run("delete-customer", { id: c });
    const third = await entity("customer", "changesSince", { cursor: second.cursor, limit: 100 });
    assert.deepEqual(
      third.changes.map((change) => [change.op, change.key, change.op === "upsert" && change.record?.name]),
      [
        ["upsert", a, "a2"],
        ["upsert", b, "b3"],
        ["remove", c, false],
      ],
    );
    const fourth = await entity("customer", "changesSince", { cursor: third.cursor, limit: 100 });
    assert.deepEqual(fourth, { changes: [], cursor: third.cursor, hasMore: false });
  });

  test("are listed anew where the one that was listed last was deleted", async () => {
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) ids.push((await run("create-customer", { name })).id);
    const [a, b = "", c] = ids;
    const { cursor } = await entity("customer", "changesSince", { limit: 2 });
    await run("delete-customer", { id: b });
    const rest = await entity("customer", "changesSince", { cursor, limit: 2 });
    assert.deepEqual(
      rest.changes.map(({ op, key }) => [op, key]),
      [
        ["upsert", c],
        ["upsert", a],
      ],
    );
    const { changes } = await entity("customer", "changesSince", { cursor: rest.cursor, limit: 2 });
    assert.deepEqual(changes, [{ op: "remove", key: b }]);
  });

  test("of subscriptions are there when these have ended, too", async () => {
    const { id: product } = await run("create-product", { name: "Seats" });
    const recurring = { interval: "month" };
    const { id: price } = await run("create-price", { product, currency: "usd", unitAmount: 500, recurring });
    const { id: customer } = await run("create-customer");
    const subscription = { customer, items: [{ price }], collectionMethod: "send_invoice", daysUntilDue: 7 };
    const { id } = await run("create-subscription", subscription);
    await run("cancel-subscription", { id });
    assert.deepEqual((await run("list-subscriptions")).items, []);
    const statuses = (records: { status?: unknown }[]) => records.map(({ status }) => status);
    assert.deepEqual(statuses((await entity("subscription", "list")).items), ["canceled"]);
    const active = await entity("subscription", "list", { filter: { status: "active" } });
    assert.deepEqual(active.items, []);
    const { changes } = await entity("subscription", "changesSince", { limit: 10 });
    assert.deepEqual(statuses(changes.map((one) => (one.op === "upsert" && one.record) || {})), ["canceled"]);
    const { items } = await connected.host.poll("new-subscription");
    assert.deepEqual(
      items.map(({ key }) => key),
      [id],
    );
  });

  test("begin anew where Stripe has forgotten the event that was last", async () => {
    const { id } = await run("create-product", { name: "Lamp" });
    const anew = await entity("product", "changesSince", { cursor: "since/evt_forgotten", limit: 10 });
    assert.deepEqual(
      anew.changes.map(({ key }) => key),
      [id],
    );
    assert.match(anew.cursor, /^since\/evt_/);
  });

  test("are read anew where an event is written in another version of the API", async () => {
    await run("create-product", { name: "Lamp" });
    const { cursor } = await entity("product", "changesSince", { limit: 10 });
    connected.answerNext(() =>
      Response.json({
        data: [
          {
            id: "evt_2",
            type: "product.updated",
            api_version: "2019-01-01",
            created: 1,
            data: { object: { id: "prod_1" } },
          },
        ],
        has_more: false,
      }),
    );
    const { changes } = await entity("product", "changesSince", { cursor, limit: 10 });
    assert.deepEqual(changes, [{ op: "upsert", key: "prod_1" }]);
  });
});

describe("triggers", () => {
  test("new records are found once each, over pages and polls", async () => {
    const keys = new Set<string>();
    let cursor: string | null = null;
    const poll = async () => {
      const found = await connected.host.poll("new-customer", { cursor });
      cursor = found.cursor;
      const fresh = found.items.filter(({ key }) => !keys.has(key));
      for (const { key } of fresh) keys.add(key);
      return { fresh: fresh.length, hasMore: found.hasMore };
    };
    const client = new Stripe(keyNow(), {
      host: "127.0.0.1",
      port: new URL(connected.vendor.url).port,
      protocol: "http",
    });
    for (let i = 0; i < 101; i++) await client.customers.create();
    assert.deepEqual(await poll(), { fresh: 100, hasMore: true });
    assert.deepEqual(await poll(), { fresh: 1, hasMore: false });
    await client.customers.create();
    // What was created in the same second is seen again, page for page, and is known by its key.
    let fresh = 0;
    for (let more = true; more; ) {
      const found = await poll();
      fresh += found.fresh;
      more = found.hasMore;
    }
    assert.equal(fresh, 1);
  });

  test("what was there long before they were switched on is not read, unless it is wanted", async () => {
    connected.setAgo(86_400_000);
    const old = await run("create-customer");
    connected.setAgo(0);
    const recent = await run("create-customer");
    const poll = async (args: object) => {
      const { items, cursor } = await connected.host.poll("new-customer", args);
      return { keys: items.map(({ key }) => key), cursor };
    };
    const first = await poll({ startAt: "now" });
    assert.deepEqual(first.keys, [recent.id]);
    assert.deepEqual((await poll({ cursor: first.cursor })).keys, [recent.id]);
    assert.deepEqual((await poll({ startAt: "beginning" })).keys, [old.id, recent.id]);
    connected.useKey("sk_test_empty");
    const { cursor } = await poll({ startAt: "now" });
    assert.ok(Number(cursor) > Date.now() / 1000 - 3600, "also where there is nothing yet");
  });

  test("new records are looked for anew where the one that was listed last was deleted", async () => {
    const { id, createdAt } = await run("create-customer");
    const gone = (await run("create-customer")).id;
    await run("delete-customer", { id: gone });
    const { items, cursor } = await connected.host.poll("new-customer", { cursor: `0/0/${gone}` });
    assert.deepEqual(
      items.map(({ key }) => key),
      [id],
    );
    assert.equal(cursor, `${Date.parse(createdAt) / 1000}`);
  });

  test("events of the chosen types are told in order, once", async () => {
    const config = { types: ["product.created", "product.updated"] };
    const poll = (cursor: string | null) => connected.host.poll("event-happened", { cursor, config });
    assert.deepEqual(await poll(null), { items: [], cursor: null, hasMore: false });
    const { id } = await run("create-product", { name: "Lamp" });
    await run("create-customer", {});
    const first = await poll(null);
    assert.equal(first.items.length, 1);
    await run("update-product", { id, name: "Lamp 2" });
    await run("update-product", { id, name: "Lamp 3" });
    const second = await poll(first.cursor);
    assert.deepEqual(
      second.items.map(({ item }) => (item as unknown as TestEvent).data.object.name),
      ["Lamp 2", "Lamp 3"],
    );
    assert.deepEqual(await poll(second.cursor), { items: [], cursor: second.cursor, hasMore: false });
  });
});

describe("deliveries", () => {
  test("of Stripe become typed events, of the record as this plugin has it", async () => {
    const { id, clientSecret, nextAction, ...record } = await run("create-payment-intent", paid);
    assert.match(clientSecret, /_secret_/);
    assert.equal(nextAction, null);
    const { items } = await run("list-events", { type: "payment_intent.*" });
    assert.deepEqual(
      items.map(({ type }: { type: string }) => type),
      ["payment_intent.succeeded", "payment_intent.created"],
    );
    const [event] = items;
    const { type, data } = event;
    const body = { id: event.id, type, created: 1_790_000_000, data, api_version: stripeVersion };
    assert.deepEqual(await connected.host.normalize({ body }), [
      {
        type: "payment_intent.succeeded",
        id: event.id,
        occurredAt: "2026-09-21T14:13:20.000Z",
        entity: "payment-intent",
        key: id,
        data: { id, ...record },
      },
    ]);
  });

  test("of all types about what it knows are events, of others none", async () => {
    const object = { id: "x_1", created: 1, metadata: {} };
    const of = (type: string) =>
      connected.host.normalize({
        body: { id: "evt_1", type, created: 1_790_000_000, data: { object }, api_version: stripeVersion },
      });
    for (const type of resources.flatMap(({ events }) => events))
      assert.deepEqual(
        (await of(type)).map((event) => event.type),
        [type],
      );
    assert.deepEqual(await of("payout.paid"), []);
    for (const api_version of ["2019-01-01", null]) {
      const body = { id: "evt_1", type: "charge.updated", created: 1, data: { object }, api_version };
      await assert.rejects(connected.host.normalize({ body }), {
        code: "invalid-input",
        message: /this plugin reads 2026-10-28\.endive/,
      });
    }
    await assert.rejects(connected.host.normalize({ body: "hello" }), { code: "invalid-input" });
  });
});
