/** How deliveries of webhooks are read. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { domain, type Store } from "./store.ts";

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

export async function deliveries(t: TestContext, store: Store): Promise<void> {
  const { shopify, vendor, create } = store;

  await t.test("webhooks become events about the plugin's records", async () => {
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

  await t.test("the stand-in's webhooks are events with all that there is to tell", async () => {
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

  await t.test("what the law has Shopify ask for is told", async () => {
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

  await t.test("a delivery of another store is refused, and one that is none of Shopify's", async () => {
    const refused = { code: "invalid-input" };
    await assert.rejects(
      shopify.normalize(delivery("orders/create", { id: 1 }, "red.myshopify.com")),
      refused,
    );
    await assert.rejects(shopify.normalize({ body: { id: 1 } }), refused);
    await assert.rejects(shopify.normalize(delivery("orders/create", {})), refused);
  });
}
