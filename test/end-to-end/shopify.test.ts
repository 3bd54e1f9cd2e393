/** The Shopify connector in a host, against a stand-in that runs Shopify's own schema. */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout } from "node:timers/promises";
import { type ShopifySimulator, startShopifySimulator } from "@plugboard/simulator-shopify";
import type { TestAnswer } from "../support/api.ts";
import { connect, startTestHost, type TestTenant } from "../support/host.ts";
import { publishConnector } from "../support/plugin.ts";

/** Clients that know the stand-in by its address alone are in this shop. */
const mostReplyBytes = 32_768;

const shop = "simulator";
const domain = `${shop}.myshopify.com`;
const accessToken = "shpat_of_the_tenant_0123456789";
const publicUrl = "https://plugboard.example";
const app = {
  clientId: "app-of-the-operator",
  clientSecret: "shpss_of_the_operator_0123456789",
  redirectUri: `${publicUrl}/oauth/callback/plugboard/shopify`,
};

let aheadMs = 0;
const now = () => Date.now() + aheadMs;

test("the Shopify connector", async (t) => {
  const shopify = await startShopifySimulator({
    shops: {
      [domain]: { accessTokens: [accessToken] },
      "few.myshopify.com": { accessTokens: [accessToken], scopes: ["read_products"] },
    },
    apps: { [app.clientId]: { clientSecret: app.clientSecret, redirectUris: [app.redirectUri] } },
    nowMs: now,
  });
  t.after(() => shopify.close());
  const busy = await startShopifySimulator({ bucket: { maximumAvailable: 60, restoreRate: 200 } });
  t.after(() => busy.close());
  const full = await startShopifySimulator({ bucket: { maximumAvailable: 60, restoreRate: 0.1 } });
  t.after(() => full.close());
  const small = await startShopifySimulator({ bucket: { maximumAvailable: 300, restoreRate: 150 } });
  t.after(() => small.close());
  let spentAt = 0;
  const spent = await startShopifySimulator({
    bucket: { maximumAvailable: 60, restoreRate: 20 },
    nowMs: () => spentAt,
  });
  t.after(() => spent.close());
  const host = await startTestHost(t, {
    sandboxLimits: { fetchResponseBytes: mostReplyBytes },
    publicUrl,
    now,
    egressRewrite: {
      [domain]: shopify.url,
      "few.myshopify.com": shopify.url,
      "busy.myshopify.com": busy.url,
      "full.myshopify.com": full.url,
      "small.myshopify.com": small.url,
      "spent.myshopify.com": spent.url,
      "storage.googleapis.com": shopify.url,
    },
  });
  await publishConnector(host.address, "shopify");
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "plugboard/shopify", {
    key: accessToken,
    config: { shop },
  });
  const store = openStore(tenant, connectionId, shopify);
  const { run, refused, records } = store;

  await t.test("products are records: made, read, found, changed, told of and removed", async () => {
    const made = await records("POST", "product", {
      title: "Lamp",
      tags: ["new"],
      options: [{ name: "Colour", values: ["Red", "Blue"] }],
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id, handle, options } = made.body;
    assert.match(id, /^gid:\/\/shopify\/Product\/\d+$/);
    assert.deepEqual([handle, options[0].values], ["lamp", ["Red", "Blue"]]);
    const key = id.split("/").at(-1);
    assert.deepEqual((await records("GET", `product/${key}`)).body, made.body, "by its number as well");
    const changed = await records("PATCH", `product/${encodeURIComponent(id)}`, { status: "DRAFT" });
    assert.deepEqual([changed.status, changed.body.status], [200, "DRAFT"]);
    const found = async (query: string) =>
      (await records("GET", `product?${query}`)).body.items.map(({ title }: { title: string }) => title);
    assert.deepEqual(await found("filter[tag]=new&filter[status]=DRAFT"), ["Lamp"]);
    assert.deepEqual(await found("filter[tag]=new%22%20OR%20tag:%22old"), [], "a value stays one value");
    assert.deepEqual(await found(`updatedSince=${made.body.updatedAt}`), ["Lamp"]);
    assert.deepEqual(await found(`updatedSince=${new Date(now() + 60_000).toISOString()}`), []);
    const late = await records("PATCH", `product/${key}`, { options: [{ name: "Size", values: ["S"] }] });
    assert.equal(late.status, 422);
    const taken = await records("POST", "product", { title: "Other", handle: "lamp" });
    assert.deepEqual([taken.status, taken.body.code], [409, "vendor-conflict"], JSON.stringify(taken.body));
    assert.equal((await records("DELETE", `product/${key}`)).status, 204);
    assert.equal((await records("GET", `product/${key}`)).body.code, "vendor-not-found");
    assert.equal((await records("GET", "product/gid%3A%2F%2Fshopify%2FOrder%2F1")).status, 404);
  });

  await t.test("lists come page by page", async () => {
    for (const title of ["A", "B", "C"]) await run("create-product", { title });
    const first = await records("GET", "product?limit=2");
    assert.equal(first.body.items.length, 2);
    const second = await records("GET", `product?limit=2&cursor=${first.body.nextCursor}`);
    assert.deepEqual([second.body.items.length, second.body.nextCursor], [1, null]);
  });

  await t.test("a variant is made of a product, counted, and counted once for a key", async () => {
    const product = await run("create-product", {
      title: "Shirt",
      options: [{ name: "Size", values: ["S"] }],
    });
    const variant = await run("create-variant", {
      productId: product.id,
      options: [{ name: "Size", value: "M" }],
      price: "9.90",
      sku: "SHIRT-M",
    });
    assert.deepEqual([variant.title, variant.price, variant.sku], ["M", "9.90", "SHIRT-M"]);
    const dearer = await run("update-variant", { id: variant.id, changes: { price: "12" } });
    assert.equal(dearer.price, "12.00");
    const { items: locations } = await run("list-locations", {});
    const place = { inventoryItemId: variant.inventoryItemId, locationId: locations[0].id };

    const before = shopify.requests.length;
    shopify.failNext({ status: 503 });
    const change = { changes: [{ ...place, delta: 7 }], idempotencyKey: "delivery-7" };
    const adjusted = await run("adjust-inventory", change);
    assert.equal(shopify.requests.length - before, 2, "the host sends it again under its key");
    assert.deepEqual(await run("adjust-inventory", change), adjusted, "and so may the caller");
    const stale = { ...place, quantity: 1, changeFromQuantity: 6 };
    assert.equal((await refused("set-inventory", { quantities: [stale] })).code, "vendor-conflict");
    const { items: levels } = await run("list-inventory-levels", {
      inventoryItemId: variant.inventoryItemId,
    });
    assert.deepEqual([levels[0].quantities.available, levels[0].locationId], [7, place.locationId]);
    const key = encodeURIComponent(levels[0].id);
    const counted = await records("PATCH", `inventory-level/${key}`, { onHand: 9 });
    assert.equal(counted.body.quantities?.available, 9, JSON.stringify(counted.body));
    await run("activate-inventory", { ...place, locationId: locations[1].id, available: 2 });
    assert.equal((await run("get-variant", { id: variant.id })).inventoryQuantity, 11);
    const everywhere: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const cursor = next && `&cursor=${next}`;
      const page = await records("GET", `inventory-level?limit=3${cursor}`);
      assert.equal(page.status, 200, JSON.stringify(page.body));
      for (const { inventoryItemId, locationId } of page.body.items)
        if (inventoryItemId === place.inventoryItemId) everywhere.push(locationId);
      next = page.body.nextCursor;
    }
    assert.deepEqual(everywhere, [locations[0].id, locations[1].id]);
    await run("update-inventory-item", {
      id: variant.inventoryItemId,
      changes: { cost: "4.50", countryCodeOfOrigin: "NO" },
    });
    const item = await run("get-inventory-item", { id: variant.inventoryItemId });
    assert.deepEqual([item.unitCost.amount, item.countryCodeOfOrigin], ["4.50", "NO"]);
    await run("delete-variant", { id: variant.id });
    assert.equal((await refused("get-variant", { id: variant.id })).code, "vendor-not-found");
  });

  await t.test("an order is placed, paid, sent, tracked and closed", async () => {
    const ann = await run("create-customer", { email: "ann@example.com", firstName: "Ann" });
    assert.deepEqual([ann.email, ann.displayName], ["ann@example.com", "Ann"]);
    const twice = await refused("create-customer", { email: "ann@example.com" });
    assert.equal(twice.code, "vendor-conflict");
    const { city } = await run("add-customer-address", {
      customerId: ann.id,
      address: { city: "Oslo", countryCode: "NO" },
    });
    assert.equal(city, "Oslo");
    const order = await run("create-order", {
      customerId: ann.id,
      currency: "EUR",
      lineItems: [{ title: "Repair", price: "30.00", quantity: 2 }],
      shippingAddress: { city: "Oslo", countryCode: "NO" },
    });
    const { id, name, totalPrice, lineItems, fulfillmentStatus } = order;
    assert.deepEqual([name, totalPrice, fulfillmentStatus], ["#1001", "60.00", "UNFULFILLED"]);
    assert.deepEqual(lineItems[0].unitPrice, { amount: "30.00", currencyCode: "EUR" });
    assert.equal((await run("update-order", { id, changes: { note: "Ring twice" } })).note, "Ring twice");
    await run("add-tags", { id, tags: ["urgent"] });
    assert.equal((await run("mark-order-paid", { id })).financialStatus, "PAID");

    const { items } = await run("list-fulfillment-orders-of-order", { orderId: id });
    const [line] = items[0].lineItems;
    assert.deepEqual([items[0].status, line.remainingQuantity], ["OPEN", 2]);
    const sent = await run("create-fulfillment", {
      fulfillmentOrders: [{ id: items[0].id, lineItems: [{ id: line.id, quantity: 1 }] }],
      tracking: { company: "Posten", number: "T1" },
    });
    assert.equal((await run("get-order", { id })).fulfillmentStatus, "PARTIALLY_FULFILLED");
    const tracked = await run("update-tracking", { fulfillmentId: sent.id, tracking: { number: "T2" } });
    assert.deepEqual(tracked.trackingInfo, [{ company: null, number: "T2", url: null }]);
    assert.equal((await run("cancel-fulfillment", { id: sent.id })).status, "CANCELLED");
    await run("create-fulfillment", { fulfillmentOrders: [{ id: items[0].id }] });
    assert.equal((await run("list-fulfillments-of-order", { orderId: id })).items.length, 2);
    const cannot = { id, reason: "OTHER", restock: true, refund: true };
    assert.match((await refused("cancel-order", cannot)).detail, /fulfilled items/);
    assert.notEqual((await run("close-order", { id })).closedAt, null);
    assert.equal((await run("reopen-order", { id })).closedAt, null);
    const { items: found } = await run("list-orders", { fulfillmentStatus: "fulfilled", tag: "urgent" });
    assert.deepEqual(
      found.map((one: { id: string }) => one.id),
      [id],
    );

    const second = await run("create-order", {
      currency: "EUR",
      lineItems: [{ title: "Gift", price: "5", quantity: 1 }],
    });
    await run("cancel-order", { ...cannot, id: second.id });
    const cancelled = await run("get-order", { id: second.id });
    assert.equal(cancelled.cancelReason, "OTHER");
    const again = await refused("create-order", { currency: "EUR" });
    assert.match(again.detail, /lineItems is missing/);
  });

  await t.test("metafields are set, read, guarded and deleted", async () => {
    const { id: ownerId } = await run("create-product", { title: "Pot" });
    const place = { ownerId, namespace: "care", key: "litres" };
    const { items } = await run("set-metafields", {
      metafields: [{ ...place, value: "2", type: "number_integer" }],
    });
    const { compareDigest } = items[0];
    assert.equal((await run("get-metafield", place)).value, "2");
    await run("set-metafields", { metafields: [{ ...place, value: "3", compareDigest }] });
    const stale = await refused("set-metafields", { metafields: [{ ...place, value: "4", compareDigest }] });
    assert.equal(stale.code, "vendor-conflict");
    assert.equal((await run("list-metafields", { ownerId })).items[0].value, "3");
    assert.deepEqual(await run("delete-metafields", { metafields: [place] }), { deleted: [place] });
    assert.equal((await refused("get-metafield", place)).code, "vendor-not-found");
  });

  await t.test("a bulk query's result is read page by page, from where no credential goes", async () => {
    const { id } = await run("start-bulk-query", {
      query: "{ products { edges { node { id title variants { edges { node { id } } } } } } }",
    });
    assert.equal((await refused("read-bulk-result", { id })).code, "vendor-error");
    let operation = await run("get-bulk-operation", { id });
    while (operation.status !== "COMPLETED") operation = await run("get-bulk-operation", { id });
    const before = shopify.requests.length;
    const all: { title?: string; __parentId?: string }[] = [];
    let cursor: string | undefined;
    do {
      const page = await run("read-bulk-result", { id, limit: 4, ...(cursor && { cursor }) });
      assert.ok(page.items.length <= 4);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    assert.equal(String(all.length), operation.objectCount);
    assert.ok(all.some(({ __parentId }) => __parentId) && all.some(({ title }) => title === "Pot"));
    const read = shopify.requests.slice(before).filter(({ method }) => method === "GET");
    assert.equal(read.length, 1);
    assert.ok(read.every((request) => request.accessToken === undefined));

    // More than the host takes as the body of one reply.
    const wide = Array.from({ length: 300 }, (_, index) => `field${index}: id`).join(" ");
    const large = await run("start-bulk-query", { query: `{ products { edges { node { ${wide} } } } }` });
    for (let status = ""; status !== "COMPLETED"; )
      ({ status } = await run("get-bulk-operation", { id: large.id }));
    const saved = await run("save-bulk-result", { id: large.id });
    assert.ok(saved.size > mostReplyBytes, `${saved.size} bytes`);
    const { body } = await tenant.api.get(`/api/v1/files/${saved.file}/content`);
    assert.equal(Buffer.byteLength(body), saved.size);
    const lines = body.trim().split("\n");
    const page = await run("read-bulk-result", { id: large.id, limit: 1 });
    assert.deepEqual(page.items, [JSON.parse(lines[0])]);
    const filesLeft = async () =>
      (await tenant.api.get("/api/v1/files")).body.items.map(({ id }: { id: string }) => id);
    await run("read-bulk-result", { id: large.id, limit: 1 });
    const [file, ...others] = (await filesLeft()).filter((one: string) => one !== saved.file);
    assert.deepEqual(others, [], "who begins again reads from the same file");
    const foreign = await refused("read-bulk-result", { id, cursor: page.nextCursor });
    assert.equal(foreign.code, "vendor-input-refused");
    assert.equal((await tenant.api.delete(`/api/v1/files/${file}`)).status, 204);
    const rest = await run("read-bulk-result", { id: large.id, cursor: page.nextCursor });
    assert.deepEqual(rest.items[0], JSON.parse(lines[1]));
    assert.equal(rest.nextCursor, null);
    assert.deepEqual(await filesLeft(), [saved.file]);
  });

  await t.test("what is not idempotent is never sent twice; what reads is", async () => {
    const before = shopify.requests.length;
    shopify.failNext({ status: 503 });
    assert.equal((await refused("create-product", { title: "Once" })).code, "vendor-unavailable");
    assert.equal(shopify.requests.length - before, 1);
    shopify.failNext({ status: 503 });
    await run("get-shop", {});
    assert.equal(shopify.requests.length - before, 3);
  });

  /** A connection to another shop. */
  const openShop = async (name: string, at: ShopifySimulator) => {
    const opened = await tenant.api.post("/api/v1/connections", {
      installId,
      name,
      config: { shop: name },
      auth: { type: "apiKey", key: accessToken },
    });
    return { ...openStore(tenant, opened.body.id, at), connectionId: opened.body.id };
  };

  await t.test(
    "calls wait for the points that Shopify says are left, so that none is throttled",
    async () => {
      const { run: runBusy } = await openShop("busy", busy);
      const titles = Array.from({ length: 12 }, (_, index) => `Many ${index}`);
      await runBusy("get-shop", {});
      await Promise.all(titles.map((title) => runBusy("create-product", { title })));
      assert.equal(busy.requests.length, 13);
    },
  );

  await t.test(
    "lists that ask for more than they cost take turns, and those for too much are told so",
    async () => {
      const { run: runSmall, refused: refusedSmall } = await openShop("small", small);
      const pages = await Promise.all(
        Array.from({ length: 30 }, () => runSmall("list-products", { limit: 50 })),
      );
      assert.ok(pages.every(({ items }) => Array.isArray(items)));
      const before = small.requests.length;
      const { code, detail } = await refusedSmall("list-products", { limit: 100 });
      assert.equal(code, "vendor-input-refused", detail);
      assert.match(detail, /402 points.*never has more than 300/);
      assert.equal(small.requests.length - before, 1);
    },
  );

  await t.test("a change that costs more than is left fails, and says when to come back", async () => {
    const { run: runFull, call: callFull } = await openShop("full", full);
    await runFull("get-shop", {});
    // Of the same app, which has one bucket in a shop.
    const { run: runBeside } = await openShop("full", full);
    for (let i = 0; i < 4; i++) await runBeside("create-product", { title: "Beside" });
    const { status, headers, body } = await callFull("create-product", { title: "Dear" });
    assert.deepEqual([status, body.code], [429, "vendor-rate-limited"], JSON.stringify(body));
    assert.ok(Number(headers.get("retry-after")) >= 3);
    assert.equal(full.requests.length, 6);
  });

  await t.test("a change that was throttled was not made, so that it is asked for again", async () => {
    const opened = await openShop("spent", spent);
    const { run: runSpent, call: callSpent, records: recordsSpent, connectionId } = opened;
    await runSpent("get-shop", {});
    const retriesOf = (id: string, value: object | null) =>
      tenant.api.patch(`/api/v1/connections/${id}`, { requests: value && { retries: value } });
    /** Of the same app, which has one bucket in a shop; it restores when its clock is turned. */
    const spend = async () => {
      const beside = await openShop("spent", spent);
      await retriesOf(beside.connectionId, { most: 0 });
      for (let status = 200; status === 200; )
        ({ status } = await beside.call("create-product", { title: "Beside" }));
    };
    const restore = () => {
      spentAt += 60_000;
    };
    const made = async (title: string) =>
      (await runSpent("list-products", { limit: 5, query: `title:${title}` })).items.length;

    await spend();
    await retriesOf(connectionId, { most: 0 });
    const before = spent.requests.length;
    const once = () => callSpent("create-product", { title: "Once" }, { "Idempotency-Key": "of-the-caller" });
    const throttled = await once();
    assert.deepEqual([throttled.status, throttled.body.code], [429, "vendor-rate-limited"]);
    assert.equal(spent.requests.length - before, 1);
    restore();
    const carriedOut = await once();
    assert.equal(carriedOut.status, 200, JSON.stringify(carriedOut.body));
    assert.equal(carriedOut.headers.get("idempotent-replayed"), null);
    const kept = await once();
    assert.deepEqual([kept.body, kept.headers.get("idempotent-replayed")], [carriedOut.body, "true"]);
    assert.equal(spent.requests.length - before, 2);

    await spend();
    await retriesOf(connectionId, null);
    const asked = spent.requests.length;
    const again = callSpent("create-product", { title: "Again" });
    while (spent.requests.length === asked) await setTimeout(5);
    restore();
    assert.equal((await again).status, 200);
    assert.ok(spent.requests.length - asked >= 2, "the host sent it again");
    restore();
    assert.deepEqual([await made("Once"), await made("Again")], [1, 1]);

    // Many changes in one request wait as well, instead of failing one request after the other.
    restore();
    await spend();
    await retriesOf(connectionId, { most: 0 });
    const first = spent.requests.length;
    const writes = ["X", "Y", "Z"].map((title) => ({ op: "create", record: { title } }));
    const batch = recordsSpent("POST", "product/batch", { writes });
    while (spent.requests.length === first) await setTimeout(5);
    restore();
    const { body } = await batch;
    assert.equal(body.succeeded, 3, JSON.stringify(body));
    assert.equal(spent.requests.length - first, 2);
  });

  await t.test(
    "a scope that is missing is told by its name, and another shop's name reaches nothing",
    async () => {
      const { refused: refusedThere, run: runThere } = await openShop("few", shopify);
      assert.deepEqual((await runThere("list-products", {})).items, []);
      const denied = await refusedThere("list-orders", {});
      assert.equal(denied.code, "vendor-forbidden");
      assert.match(denied.detail, /read_orders/);
      for (const name of ["evil.example/", "a.b", "a@evil", "-a", ""]) {
        const odd = await tenant.api.post("/api/v1/connections", {
          installId,
          name: "Odd",
          config: { shop: name },
          auth: { type: "apiKey", key: accessToken },
        });
        assert.equal(odd.status, 422, name);
      }
    },
  );

  await t.test("the app is installed by the shop's owner, and its hourly tokens are renewed", async () => {
    const { clientId, clientSecret } = app;
    const client = {
      clientId,
      clientSecret,
      tokenUrl: "https://{shop}.myshopify.com/admin/oauth/access_token",
      grants: ["authorization_code", "client_credentials"],
    };
    const registered = await host.admin.send("PUT", "/api/v1/oauth-clients/plugboard/shopify", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(client),
    });
    assert.equal(registered.status, 200, JSON.stringify(registered.body));
    const create = async (grant: string) =>
      (
        await tenant.api.post("/api/v1/connections", {
          installId,
          name: grant,
          config: { shop },
          auth: { type: "oauth2", grant },
        })
      ).body.id;
    const id = await create("authorization_code");
    /** The owner agrees, and comes back; `from` stands for somebody who tampers with the answer. */
    const agree = async (from = domain) => {
      const begun = await tenant.api.post(`/api/v1/connections/${id}/authorize`, {});
      const there = new URL(begun.body.url);
      assert.equal(there.host, domain);
      const agreed = await fetch(shopify.url + there.pathname + there.search, { redirect: "manual" });
      const back = new URL(agreed.headers.get("location") ?? "");
      assert.equal(back.origin + back.pathname, app.redirectUri);
      back.searchParams.set("shop", from);
      return (await fetch(host.address + back.pathname + back.search)).text();
    };
    assert.match(await agree("few.myshopify.com"), /another account/);
    assert.match(await agree(), /The account is connected/);

    const { run: runAsApp } = openStore(tenant, id, shopify);
    assert.equal((await runAsApp("get-shop", {})).myshopifyDomain, domain);
    const [first] = shopify.requests.slice(-1).map((request) => request.accessToken);
    aheadMs += 3_600_000;
    await runAsApp("get-shop", {});
    const [second] = shopify.requests.slice(-1).map((request) => request.accessToken);
    assert.match(`${first} ${second}`, /^shpat_\w+ shpat_\w+$/);
    assert.notEqual(first, second);

    const own = openStore(tenant, await create("client_credentials"), shopify);
    assert.equal((await own.run("get-shop", {})).myshopifyDomain, domain);
    assert.ok(!host.logged().includes(clientSecret) && !host.logged().includes(String(second)));
  });
});

/** Calls over one connection. */
function openStore({ api }: TestTenant, connectionId: string, shopify: ShopifySimulator) {
  const path = `/api/v1/connections/${connectionId}`;
  const call = (action: string, input: object, headers: { [name: string]: string } = {}) =>
    api.send("POST", `${path}/actions/${action}`, {
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ input }),
    });
  return {
    async run(action: string, input: object) {
      const { status, body } = await call(action, input);
      assert.equal(status, 200, `${action}: ${JSON.stringify(body)} ${shopify.requests.at(-1)?.query}`);
      return body.output;
    },
    async refused(action: string, input: object): Promise<TestAnswer["body"]> {
      const { status, body } = await call(action, input);
      assert.ok(status >= 400, `${action}: ${JSON.stringify(body)}`);
      return body;
    },
    call,
    records: (method: string, place: string, body?: object) =>
      api.send(method, `${path}/entities/${place}`, {
        ...(body && {
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      }),
  };
}
