import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createTestHost, type TestHost, type TestWrite } from "@plugboard/plugin-sdk/testing";
import { type ShopifySimulator, startShopifySimulator } from "@plugboard/simulator-shopify";

const domain = "blue-lamp.myshopify.com";
let now = Date.UTC(2026, 10, 1);
let vendor: ShopifySimulator;
let shopify: TestHost;
/** A record that searches do not find yet. */
let unindexed: string | undefined;
/** What answers in the stand-in's place. */
let instead: (() => Response) | undefined;

before(async () => {
  vendor = await startShopifySimulator({ nowMs: () => now });
  shopify = await createTestHost({
    directory: join(import.meta.dirname, ".."),
    config: { shop: "blue-lamp" },
    answer: (request) => instead?.() ?? forward(request),
  });
});

after(async () => {
  await shopify.close();
  await vendor.close();
});

/** To the stand-in under the shop's name, with a token, as a host sends it. */
async function forward(request: Request): Promise<Response> {
  const { pathname, host } = new URL(request.url);
  const body = await request.text();
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "x-shopify-access-token": "shpat_test", host };
    const outgoing = httpRequest(
      vendor.url + pathname,
      { method: request.method, headers },
      async (reply) => {
        const text = Buffer.concat(await reply.toArray()).toString();
        resolve(new Response(withoutUnindexed(text), { status: reply.statusCode ?? 0 }));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

interface Sent {
  headers: { [name: string]: string };
  json: { variables: { idempotencyKey: string } };
}

function withoutUnindexed(text: string): string {
  if (unindexed === undefined) return text;
  const reply = JSON.parse(text) as { data?: { records?: { nodes: { id: string }[] } } };
  const { records } = reply.data ?? {};
  if (records) records.nodes = records.nodes.filter(({ id }) => id !== unindexed);
  return JSON.stringify(reply);
}

const create = async (title: string) => {
  now += 1_000;
  return (await shopify.run("create-product", { title })) as { id: string; title: string };
};

test("what changed and what was removed is told once, over pages", async () => {
  const [a, b, c] = [await create("A"), await create("B"), await create("C")];
  let cursor: string | null = null;
  const read = async () => {
    const told: string[] = [];
    for (let more: boolean | undefined = true; more; ) {
      const { changes, ...rest } = await shopify.entity("product", "changesSince", { cursor, limit: 2 });
      told.push(...changes.map(({ op, key }) => `${op} ${key}`));
      cursor = rest.cursor;
      more = rest.hasMore;
    }
    return told;
  };
  assert.deepEqual(await read(), [`upsert ${a.id}`, `upsert ${b.id}`, `upsert ${c.id}`]);
  assert.deepEqual(await read(), []);
  // In the second of the change that was told last: the order of events is not that of seconds.
  await shopify.entity("product", "update", { key: a.id, changes: { title: "A2" } });
  assert.deepEqual(await read(), [`upsert ${a.id}`]);
  assert.deepEqual(await read(), []);
  await shopify.entity("product", "update", { key: a.id, changes: { title: "A3" } });
  assert.deepEqual(await read(), [`upsert ${a.id}`], "what changed again in the very second");
  assert.deepEqual(await read(), []);
});

test("a trigger does not read what was there long before it was switched on, unless it is wanted", async () => {
  const old = await create("Old");
  now = Date.now();
  const recent = await create("Recent");
  const poll = async (args: object) =>
    (await shopify.poll("new-product", args)).items.map(({ key }) => key).filter((key) => ids.includes(key));
  const ids = [old.id, recent.id];
  assert.deepEqual(await poll({ startAt: "now" }), [recent.id]);
  assert.deepEqual(await poll({ startAt: "beginning" }), ids);
  const { items, cursor } = await shopify.poll("new-order", { startAt: "now" });
  assert.deepEqual(items, []);
  assert.ok(JSON.parse(cursor ?? "").since > new Date(now - 3_600_000).toISOString(), "nor the next time");
});

test("what is removed is told as removed", async () => {
  now = Date.now() + 60_000;
  const { id } = await create("Short-lived");
  let { cursor } = await shopify.entity("product", "changesSince", { cursor: null, limit: 250 });
  const read = async () => {
    const told: object[] = [];
    for (let more: boolean | undefined = true; more; ) {
      const { changes, ...rest } = await shopify.entity("product", "changesSince", { cursor, limit: 250 });
      told.push(...changes);
      cursor = rest.cursor;
      more = rest.hasMore;
    }
    return told;
  };
  assert.deepEqual(await read(), []);
  now += 60_000;
  await shopify.entity("product", "remove", { key: id });
  assert.deepEqual(await read(), [{ op: "remove", key: id }]);
  assert.deepEqual(await read(), []);
});

test("a change of inventory has the idempotency key of its call, or the caller's", async () => {
  const { items } = (await shopify.run("list-locations", {})) as { items: { id: string }[] };
  const { id: productId } = await create("Counted");
  const { items: variants } = await shopify.entity("variant", "list", { filter: { productId } });
  const inventoryItemId = String(variants[0]?.inventoryItemId);
  const place = { inventoryItemId, locationId: items[0]?.id ?? "" };
  const sentKey = () => {
    const { headers, json } = shopify.requests.at(-1) as unknown as Sent;
    assert.equal(headers["idempotency-key"], json.variables.idempotencyKey);
    return json.variables.idempotencyKey;
  };
  const changes = [{ ...place, delta: 1 }];
  const adjusted = (await shopify.run("adjust-inventory", { changes })) as { id: string };
  const ofCall = sentKey();
  assert.match(ofCall, /^idem_/);
  const again = await shopify.run("adjust-inventory", { changes, idempotencyKey: ofCall });
  assert.equal((again as { id: string }).id, adjusted.id, "Shopify knows it again");
  await shopify.run("set-inventory", { quantities: [{ ...place, quantity: 5 }] });
  assert.match(sentKey(), /^idem_/);
  await shopify.run("activate-inventory", { ...place, locationId: items[1]?.id ?? "" });
  assert.match(sentKey(), /^idem_/);
  const { items: levels } = await shopify.entity("inventory-level", "list", { filter: { inventoryItemId } });
  await shopify.run("update-inventory-level", { id: String(levels[0]?.id), changes: { available: 3 } });
  const sent = shopify.requests.map(
    (request) => (request as unknown as Sent).json?.variables?.idempotencyKey,
  );
  assert.match(sent.findLast((key) => key !== undefined) ?? "", /^idem_.*\/available$/);
  await assert.rejects(shopify.run("adjust-inventory", { changes, idempotencyKey: "a b" }), /idempotencyKey/);
});

test("a query does not reach out of what else is asked for", async () => {
  const { title } = await create("Draft of a (lamp)");
  const titles = async (query: string) => {
    const { items } = await shopify.entity("product", "list", { filter: { status: "ARCHIVED", query } });
    return items.map((item) => item.title);
  };
  for (const query of [`title:'${title}' OR status:ACTIVE`, "(a OR b) c", "O'Brien"])
    assert.deepEqual(await titles(query), [], query);
  for (const query of [
    "a) OR (status:ACTIVE",
    "a OR (b",
    '"a',
    "a'( b' ) OR c",
    String.raw`a \\) OR (b`,
    "a\\",
  ])
    await assert.rejects(titles(query), { code: "invalid-input", details: { pointer: "/query" } }, query);
});

test("as many as may be asked for at once never cost more than a query may", async () => {
  const { items } = (await shopify.run("list-locations", { limit: 250 })) as { items: { id: string }[] };
  await shopify.run("list-inventory-levels", { limit: 250, locationId: items[0]?.id ?? "" });
  await shopify.run("list-inventory-levels", { limit: 250 });
  await assert.rejects(shopify.run("list-inventory-levels", { cursor: "x" }), { code: "invalid-input" });
  for (const records of [
    "products",
    "variants",
    "orders",
    "customers",
    "inventory-items",
    "fulfillment-orders",
  ])
    await shopify.run(`list-${records}`, { limit: 250 });
  assert.ok(vendor.requests.every(({ status }) => status === 200));
});

/** What became of writes in a batch, and in how many requests. */
async function batch(entity: string, writes: TestWrite[]) {
  const before = shopify.requests.length;
  const outcomes = await shopify.batch(entity, writes);
  return {
    requests: shopify.requests.length - before,
    keys: outcomes.map((one) => ("key" in one ? one.key : "")),
    told: outcomes.map((one) => ("code" in one ? `${one.status} ${one.code}` : one.status)),
    records: outcomes.map((one) => ("record" in one ? one.record : undefined)),
  };
}

test("many changes go in one document, and one that Shopify refuses is in no other's way", async () => {
  const titles = Array.from({ length: 25 }, (_, index) => `Many ${index}`);
  const made = await batch(
    "product",
    titles.map((title) => ({ op: "create", record: { title } })),
  );
  assert.equal(made.requests, 2);
  assert.deepEqual(
    made.records.map((one) => one?.title),
    titles,
  );
  const [one = "", two = "", three = "", four = ""] = made.keys;
  const number = three.slice(three.lastIndexOf("/") + 1);
  const changed = await batch("product", [
    { op: "update", key: one, record: { title: "One" } },
    { op: "update", key: "gid://shopify/Product/404", record: { title: "None" } },
    { op: "update", key: "gid://shopify/Order/1", record: { title: "No product" } },
    { op: "update", key: two, record: { options: [{ name: "Size", values: ["L"] }] } },
    { op: "update", key: number, record: { vendor: "Acme" } },
    { op: "remove", key: four },
    { op: "remove", key: "gid://shopify/Product/405" },
  ]);
  assert.equal(changed.requests, 2);
  assert.deepEqual(changed.told, [
    "succeeded",
    "failed not-found",
    "failed not-found",
    "failed invalid-input",
    "succeeded",
    "succeeded",
    "failed not-found",
  ]);
  assert.deepEqual([changed.keys[4], changed.records[4]?.vendor], [number, "Acme"]);
  await assert.rejects(shopify.entity("product", "get", { key: four }), { code: "not-found" });
});

test("variants and customers are written many at once too", async () => {
  const product = await create("With variants");
  const options = (name: string) => [{ name: "Title", value: name }];
  const variants = await batch("variant", [
    ..."ab".split("").map((name) => ({
      op: "create" as const,
      record: { productId: product.id, options: options(name), price: "1.00" },
    })),
    { op: "create", record: { price: "1.00" } },
  ]);
  assert.deepEqual(variants.told, ["succeeded", "succeeded", "failed invalid-input"]);
  assert.equal(variants.requests, 1);
  const [a = "", b = ""] = variants.keys;
  const changed = await batch("variant", [
    { op: "update", key: a, record: { price: "2.50" } },
    { op: "update", key: "404", record: { price: "2.50" } },
    { op: "update", key: b, record: { productId: product.id } },
  ]);
  assert.deepEqual(changed.told, ["succeeded", "failed not-found", "failed invalid-input"]);
  assert.equal(changed.records[0]?.price, "2.50");
  assert.deepEqual((await batch("variant", [{ op: "remove", key: b }])).told, ["succeeded"]);

  const customers = await batch("customer", [
    { op: "create", record: { email: "ann@example.com" } },
    { op: "create", record: { email: "ann@example.com" } },
    { op: "create", record: { email: "bob@example.com" } },
  ]);
  assert.deepEqual([customers.requests, customers.told], [1, ["succeeded", "failed conflict", "succeeded"]]);
  const there = [customers.keys[0] ?? "", customers.keys[2] ?? ""];
  const gone = await batch(
    "customer",
    there.map((key) => ({ op: "remove", key })),
  );
  assert.deepEqual([gone.requests, gone.told], [1, ["succeeded", "succeeded"]]);
});

test("what Shopify refuses of a document as a whole is said of each, and what is open stays open", async () => {
  const writes = ["a", "b"].map((title): TestWrite => ({ op: "create", record: { title } }));
  const answers: [() => Response, string][] = [
    [throttled, "failed rate-limited"],
    [
      () => Response.json({ errors: [{ message: "x", extensions: { code: "TIMEOUT" } }] }),
      "unknown vendor-unavailable",
    ],
    [() => new Response("", { status: 402 }), "unknown vendor-error"],
    [() => new Response("", { status: 502 }), "unknown vendor-unavailable"],
  ];
  for (const [answer, told] of answers) {
    instead = answer;
    assert.deepEqual((await batch("product", writes)).told, [told, told]);
  }
  // One of them is made, and not all of it may be read; the other is not.
  instead = () =>
    Response.json({
      data: { written_0: { record: { id: "gid://shopify/Product/7" }, userErrors: [] }, written_1: null },
      errors: [
        { message: "denied", path: ["written_0", "record", "seo"], extensions: { code: "ACCESS_DENIED" } },
        { message: "denied", path: ["written_1"], extensions: { code: "ACCESS_DENIED" } },
      ],
    });
  const { told, keys, records } = await batch("product", writes);
  assert.deepEqual(
    [told, keys[0], records[0]],
    [["succeeded", "failed forbidden"], "gid://shopify/Product/7", undefined],
  );
  instead = undefined;
});

const throttled = () =>
  Response.json({ errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] });

test("a trigger finds what is new and what changed, each with a key of its own", async () => {
  let cursor: string | null = null;
  const poll = async (trigger: string) => {
    const keys: string[] = [];
    for (let more = true; more; ) {
      const found = await shopify.poll(trigger, { cursor });
      keys.push(...found.items.map(({ key }) => key));
      cursor = found.cursor;
      more = found.hasMore;
    }
    return keys;
  };
  const start = (await poll("new-product")).length;
  const { id } = await create("New");
  const found = await poll("new-product");
  assert.ok(start > 0 && found.includes(id) && found.length < start, "it goes on from where it had read");
  cursor = null;
  await poll("updated-product");
  now += 60_000;
  await shopify.run("update-product", { id, changes: { title: "Newer" } });
  const changed = await poll("updated-product");
  assert.ok(changed.some((key) => key === `${id}@${new Date(now).toISOString().replace(/\.\d+/, "")}`));
  for (const trigger of ["new-order", "updated-order", "new-customer", "updated-customer"]) {
    cursor = null;
    assert.deepEqual(await poll(trigger), []);
  }
});

test("what Shopify's search finds later than what came after it is told all the same", async () => {
  now += 600_000;
  const late = await create("Late");
  now += 30_000;
  const prompt = await create("Prompt");
  const changes = async (cursor: string | null) => {
    const told: string[] = [];
    for (let more: boolean | undefined = true; more; ) {
      const page = await shopify.entity("product", "changesSince", { cursor, limit: 250 });
      told.push(...page.changes.map(({ op, key }) => `${op} ${key}`));
      cursor = page.cursor;
      more = page.hasMore;
    }
    return { told, cursor };
  };
  unindexed = late.id;
  const watched = await shopify.trigger("new-product");
  const read = await changes(null);
  unindexed = undefined;
  assert.deepEqual(
    (await watched.poll()).map((item) => (item as { id: string }).id),
    [late.id],
  );
  assert.deepEqual(await watched.poll(), []);
  const then = await changes(read.cursor);
  assert.ok(read.told.includes(`upsert ${prompt.id}`));
  assert.deepEqual(then.told, [`upsert ${late.id}`], "and nothing else again");
  assert.deepEqual((await changes(then.cursor)).told, []);
});

test("a throttled query says when there will be room again", async () => {
  instead = () =>
    Response.json({
      errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
      extensions: {
        cost: { requestedQueryCost: 120, throttleStatus: { currentlyAvailable: 20, restoreRate: 50 } },
      },
    });
  await assert.rejects(shopify.run("list-products", {}), { code: "rate-limited", retryAfterMs: 2000 });
});

const failing = (code: string) => () => Response.json({ errors: [{ message: "No", extensions: { code } }] });
const userError = (code: string) => () =>
  Response.json({ data: { written: { record: null, userErrors: [{ field: null, message: "No", code }] } } });

const refusals: [what: string, answer: () => Response, code: string][] = [
  ["a refused token", () => new Response("", { status: 401 }), "unauthorized"],
  ["an unknown store", () => new Response("", { status: 404 }), "not-found"],
  ["a frozen store", () => new Response("", { status: 402 }), "vendor-error"],
  ["a locked store", () => new Response("", { status: 423 }), "vendor-error"],
  ["too many requests", () => new Response("", { status: 429 }), "rate-limited"],
  ["what looks like an attack", () => new Response("", { status: 430 }), "rate-limited"],
  ["a failing server", () => new Response("", { status: 502 }), "vendor-unavailable"],
  ["a missing scope", failing("ACCESS_DENIED"), "forbidden"],
  ["an inactive store", failing("SHOP_INACTIVE"), "vendor-error"],
  ["a failure of Shopify's own", failing("INTERNAL_SERVER_ERROR"), "vendor-unavailable"],
  ["too dear a query", failing("MAX_COST_EXCEEDED"), "invalid-input"],
  ["a bad search", () => Response.json({ errors: [{ message: "Invalid search" }] }), "invalid-input"],
  ["a reply without data", () => Response.json({}), "vendor-error"],
  ["a taken handle", userError("TAKEN"), "conflict"],
  ["an older value", userError("STALE_OBJECT"), "conflict"],
  ["a record that is not there", userError("PRODUCT_DOES_NOT_EXIST"), "not-found"],
  ["too many operations", userError("OPERATION_IN_PROGRESS"), "rate-limited"],
  ["a busy inventory", userError("SERVICE_UNAVAILABLE"), "vendor-unavailable"],
  ["any other refusal", userError("INVALID"), "invalid-input"],
];
test("what Shopify refuses has a class", async () => {
  for (const [what, answer, code] of refusals) {
    instead = answer;
    await assert.rejects(shopify.run("create-product", { title: "x" }), { code }, what);
  }
  instead = undefined;
});

test("a change that was made is not reported as one that was refused", async () => {
  const record = { id: "gid://shopify/Product/7", title: "x" };
  instead = () =>
    Response.json({
      data: { written: { record, userErrors: [] } },
      errors: [{ message: "Access denied for vendor", extensions: { code: "ACCESS_DENIED" } }],
    });
  await assert.rejects(shopify.run("create-product", { title: "x" }), {
    code: "vendor-error",
    message: "The change was made; not all of it may be read: Access denied for vendor",
    details: { record, code: "ACCESS_DENIED" },
  });
  instead = undefined;
});

/** A delivery as Shopify sends it. */
const delivery = (topic: string, body: object, shop = domain) => ({
  body,
  headers: {
    "x-shopify-topic": topic,
    "x-shopify-shop-domain": shop,
    "x-shopify-webhook-id": "b54557e4",
    "x-shopify-triggered-at": "2026-11-01T00:00:00.123Z",
  },
});

test("webhooks become events about the plugin's records", async () => {
  const payload = {
    id: 450789469,
    admin_graphql_api_id: "gid://shopify/Order/450789469",
    name: "#1001",
    email: "",
    financial_status: "paid",
    fulfillment_status: "partial",
    currency: "EUR",
    total_price: "30.00",
    customer: { id: 7 },
    tags: "b, a",
    test: false,
    cancel_reason: null,
    cancelled_at: null,
    closed_at: null,
    created_at: "2026-10-31T19:00:00-05:00",
    updated_at: "2026-10-31T19:00:00-05:00",
  };
  const data = {
    id: "gid://shopify/Order/450789469",
    name: "#1001",
    email: null,
    financialStatus: "PAID",
    fulfillmentStatus: "PARTIALLY_FULFILLED",
    currencyCode: "EUR",
    totalPrice: "30.00",
    customerId: "gid://shopify/Customer/7",
    tags: ["b", "a"],
    test: false,
    cancelReason: null,
    cancelledAt: null,
    closedAt: null,
    createdAt: "2026-10-31T19:00:00-05:00",
    updatedAt: "2026-10-31T19:00:00-05:00",
  };
  assert.deepEqual(await shopify.normalize(delivery("orders/paid", payload)), [
    {
      type: "order.paid",
      id: "b54557e4",
      occurredAt: "2026-11-01T00:00:00.123Z",
      entity: "order",
      key: data.id,
      data,
    },
  ]);
  const [gone] = await shopify.normalize(delivery("products/delete", { id: 3 }));
  assert.deepEqual(
    [gone?.type, gone?.entity, gone?.key],
    ["product.deleted", "product", "gid://shopify/Product/3"],
  );
  const level = {
    inventory_item_id: 5,
    location_id: 6,
    available: 2,
    updated_at: "2026-11-01T00:00:00Z",
    admin_graphql_api_id: "gid://shopify/InventoryLevel/9?inventory_item_id=5",
  };
  const [counted] = await shopify.normalize(delivery("inventory_levels/update", level));
  assert.equal(counted?.key, level.admin_graphql_api_id);
  assert.deepEqual(await shopify.normalize(delivery("themes/publish", { id: 1 })), []);
});

test("the stand-in's webhooks are events with all that there is to tell", async () => {
  const uri = "https://app.example/webhooks";
  for (const topic of ["PRODUCTS_CREATE", "CUSTOMERS_CREATE"])
    await shopify.run("create-webhook-subscription", { topic, uri });
  assert.equal(((await shopify.run("list-webhook-subscriptions", {})) as { items: [] }).items.length, 2);
  const { id } = await create("Told");
  const sent = vendor.deliveries.at(-1);
  const [event] = await shopify.normalize(delivery("products/create", JSON.parse(sent?.body ?? "")));
  assert.ok(event);
  const { title, status, vendor: maker } = event.data as { [field: string]: string };
  assert.deepEqual([event.key, title, status, maker], [id, "Told", "ACTIVE", "blue-lamp"]);
});

test("what the law has Shopify ask for is told", async () => {
  const customer = { id: 191167, email: "john@example.com", phone: "555-625-1199" };
  const shop = { shop_id: 954889, shop_domain: domain };
  const told = {
    shopId: "gid://shopify/Shop/954889",
    shopDomain: domain,
    customer: { ...customer, id: "gid://shopify/Customer/191167" },
    orderIds: ["gid://shopify/Order/299938"],
    requestId: null,
  };
  const events = async (topic: string, body: object) =>
    (await shopify.normalize(delivery(topic, { ...shop, ...body }))).map(({ type, data }) => ({
      type,
      data,
    }));
  assert.deepEqual(
    await events("customers/data_request", {
      customer,
      orders_requested: [299938],
      data_request: { id: 9999 },
    }),
    [{ type: "privacy.customer-data-requested", data: { ...told, requestId: "9999" } }],
  );
  assert.deepEqual(await events("customers/redact", { customer, orders_to_redact: [299938] }), [
    { type: "privacy.customer-erasure-requested", data: told },
  ]);
  assert.deepEqual(await events("shop/redact", {}), [
    { type: "privacy.shop-erasure-requested", data: { ...told, customer: null, orderIds: [] } },
  ]);
});

test("a delivery of another store is refused, and one that is none of Shopify's", async () => {
  const refused = { code: "invalid-input" };
  await assert.rejects(shopify.normalize(delivery("orders/create", { id: 1 }, "red.myshopify.com")), refused);
  await assert.rejects(shopify.normalize({ body: { id: 1 } }), refused);
  await assert.rejects(shopify.normalize(delivery("orders/create", {})), refused);
});
