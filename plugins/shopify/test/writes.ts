/** What is asked of Shopify, and written, one at a time and many at once. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { TestWrite } from "@plugboard/plugin-sdk/testing";
import type { Store } from "./store.ts";

interface Sent {
  headers: { [name: string]: string };
  json: { variables: { idempotencyKey: string } };
}

const throttled = () =>
  Response.json({ errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] });

export async function writes(t: TestContext, store: Store): Promise<void> {
  const { shopify, vendor, create } = store;

  await t.test("a change of inventory has the idempotency key of its call, or the caller's", async () => {
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
    const { items: levels } = await shopify.entity("inventory-level", "list", {
      filter: { inventoryItemId },
    });
    await shopify.run("update-inventory-level", { id: String(levels[0]?.id), changes: { available: 3 } });
    const sent = shopify.requests.map(
      (request) => (request as unknown as Sent).json?.variables?.idempotencyKey,
    );
    assert.match(sent.findLast((key) => key !== undefined) ?? "", /^idem_.*\/available$/);
    await assert.rejects(
      shopify.run("adjust-inventory", { changes, idempotencyKey: "a b" }),
      /idempotencyKey/,
    );
  });

  await t.test("a query does not reach out of what else is asked for", async () => {
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

  await t.test("as many as may be asked for at once never cost more than a query may", async () => {
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

  await t.test(
    "many changes go in one document, and one that Shopify refuses is in no other's way",
    async () => {
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
    },
  );

  await t.test("variants and customers are written many at once too", async () => {
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
    store.instead = throttled;
    const refused = await batch("variant", [
      { op: "update", key: a, record: { price: "3.00" } },
      { op: "update", key: b, record: { price: "3.00" } },
    ]);
    store.instead = undefined;
    assert.deepEqual(refused.told, ["failed rate-limited", "failed rate-limited"]);
    assert.deepEqual((await batch("variant", [{ op: "remove", key: b }])).told, ["succeeded"]);

    const customers = await batch("customer", [
      { op: "create", record: { email: "ann@example.com" } },
      { op: "create", record: { email: "ann@example.com" } },
      { op: "create", record: { email: "bob@example.com" } },
    ]);
    assert.deepEqual(
      [customers.requests, customers.told],
      [1, ["succeeded", "failed conflict", "succeeded"]],
    );
    const there = [customers.keys[0] ?? "", customers.keys[2] ?? ""];
    const gone = await batch(
      "customer",
      there.map((key) => ({ op: "remove", key })),
    );
    assert.deepEqual([gone.requests, gone.told], [1, ["succeeded", "succeeded"]]);
  });

  await t.test(
    "what Shopify refuses of a document as a whole is said of each, and what is open stays open",
    async () => {
      const writes = ["a", "b"].map((title): TestWrite => ({ op: "create", record: { title } }));
      const open = "unknown vendor-unavailable";
      const answers: [() => Response, string][] = [
        [throttled, "failed rate-limited"],
        [() => Response.json({ errors: [{ message: "x", extensions: { code: "TIMEOUT" } }] }), open],
        [() => new Response("", { status: 402 }), "unknown vendor-error"],
        [() => new Response("", { status: 502 }), open],
        [() => Response.json({ data: null }), open],
        [() => Response.json({ errors: "Something went wrong" }), open],
        [() => Response.json({ errors: [{ message: "x", extensions: { code: "BRAND_NEW" } }] }), open],
        [() => Response.json({ data: null, errors: [{ message: "x", path: ["written_1"] }] }), open],
      ];
      for (const [answer, told] of answers) {
        store.instead = answer;
        const { requests, ...rest } = await batch("product", writes);
        assert.deepEqual([requests, rest.told], [answer === throttled ? 5 : 1, [told, told]]);
      }
      // One of them is made, and not all of it may be read; the other is not.
      store.instead = () =>
        Response.json({
          data: { written_0: { record: { id: "gid://shopify/Product/7" }, userErrors: [] }, written_1: null },
          errors: [
            {
              message: "denied",
              path: ["written_0", "record", "seo"],
              extensions: { code: "ACCESS_DENIED" },
            },
            { message: "denied", path: ["written_1"], extensions: { code: "ACCESS_DENIED" } },
          ],
        });
      const { told, keys, records } = await batch("product", writes);
      assert.deepEqual(
        [told, keys[0], records[0]],
        [["succeeded", "failed forbidden"], "gid://shopify/Product/7", undefined],
      );
      // Both were carried out: what was written may not be read, or has not even an id.
      store.instead = () =>
        Response.json({
          data: { written_0: { record: null, userErrors: [] }, written_1: null },
          errors: [
            { message: "denied", path: ["written_0", "record"], extensions: { code: "ACCESS_DENIED" } },
            { message: "denied", path: ["written_1", "record", "id"], extensions: { code: "ACCESS_DENIED" } },
          ],
        });
      assert.deepEqual((await batch("product", writes)).told, [open, open]);
      store.instead = () =>
        Response.json({ data: { written_0: { record: null, userErrors: [] }, written_1: null } });
      assert.deepEqual((await batch("product", writes)).told, [open, open]);
      store.instead = undefined;
    },
  );
}
