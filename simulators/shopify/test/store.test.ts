/** A store's goods, orders and customers, through Shopify's own client. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { AdminApiClient } from "@shopify/admin-api-client";
import { type Connected, connect, errorOf, sendTo } from "./connect.ts";

let store: Connected;
let now = Date.UTC(2026, 10, 1);

before(async () => {
  const shops = {
    "north.myshopify.com": { accessTokens: ["shpat_main"] },
    "south.myshopify.com": { accessTokens: ["shpat_few"], scopes: ["read_products"] },
  };
  store = await connect({ after: () => {} }, { shops, nowMs: () => now });
});

after(() => store.close());

/** The data of a request that Shopify takes. */
async function ask(query: string, variables: object = {}, client: AdminApiClient = store.shopify) {
  now += 60_000;
  const { data, errors } = await client.request(query, { variables: { ...variables } });
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const createProduct = `mutation ($product: ProductCreateInput!) {
  productCreate(product: $product) {
    product { id options { name values } variants(first: 5) { nodes { id title inventoryItem { id } } } }
    userErrors { message }
  }
}`;

async function stocked(title: string, available: number) {
  const { productCreate } = await ask(createProduct, { product: { title } });
  const [variant] = productCreate.product.variants.nodes;
  const { locations } = await ask("{ locations(first: 2) { nodes { id name } } }");
  const [location, warehouse] = locations.nodes;
  const place = { inventoryItemId: variant.inventoryItem.id, locationId: location.id };
  await set(`set-${title}`, { ...place, quantity: available, changeFromQuantity: 0 });
  return { product: productCreate.product, variant, place, location, warehouse };
}

const set = async (key: string, quantity: object) => {
  const { inventorySetQuantities } = await ask(
    `mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
      inventorySetQuantities(input: $input) @idempotent(key: $key) {
        inventoryAdjustmentGroup { id changes { name delta quantityAfterChange } }
        userErrors { field code message }
      }
    }`,
    { key, input: { name: "available", reason: "correction", quantities: [quantity] } },
  );
  return inventorySetQuantities;
};

test("a product has a variant for each value of its options, and no two for the same", async () => {
  const product = {
    title: "Shirt",
    productOptions: [{ name: "Size", values: [{ name: "S" }, { name: "M" }] }],
  };
  const { productCreate } = await ask(createProduct, { product });
  const { id, options, variants } = productCreate.product;
  assert.deepEqual(options, [{ name: "Size", values: ["S", "M"] }]);
  assert.deepEqual(
    variants.nodes.map(({ title }: { title: string }) => title),
    ["S"],
  );
  const create = `mutation ($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
    productVariantsBulkCreate(productId: $id, variants: $variants) {
      productVariants { displayName price sku } userErrors { field code }
    }
  }`;
  const variant = (name: string) => ({
    price: "9.5",
    optionValues: [{ optionName: "Size", name }],
    inventoryItem: { sku: `SHIRT-${name}` },
  });
  const first = await ask(create, { id, variants: [variant("L")] });
  assert.deepEqual(first.productVariantsBulkCreate, {
    productVariants: [{ displayName: "Shirt - L", price: "9.50", sku: "SHIRT-L" }],
    userErrors: [],
  });
  const { productVariantsBulkCreate: twice } = await ask(create, { id, variants: [variant("L")] });
  assert.equal(twice.userErrors[0].code, "VARIANT_ALREADY_EXISTS");
  const found = await ask(`{ productVariants(first: 5, query: "sku:shirt-l") { nodes { title } } }`);
  assert.deepEqual(found.productVariants.nodes, [{ title: "L" }]);
});

test("quantities are changed once for a key, from what they are, and not without a key", async () => {
  const { place } = await stocked("Bell", 5);
  const change = { ...place, quantity: 9, changeFromQuantity: 5 };
  const done = await set("once", change);
  assert.deepEqual(done.inventoryAdjustmentGroup.changes, [
    { name: "available", delta: 4, quantityAfterChange: 9 },
    { name: "on_hand", delta: 4, quantityAfterChange: 9 },
  ]);
  assert.deepEqual(await set("once", change), done);
  assert.equal(
    (await set("once", { ...change, quantity: 10 })).userErrors[0].code,
    "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
  );
  assert.equal((await set("other", change)).userErrors[0].code, "CHANGE_FROM_QUANTITY_STALE");
  const without = await store.shopify.request(
    `mutation ($input: InventorySetQuantitiesInput!) {
      inventorySetQuantities(input: $input) { userErrors { message } }
    }`,
    { variables: { input: { name: "available", reason: "correction", quantities: [change] } } },
  );
  assert.match(errorOf(without).message, /@idempotent directive is required/);
});

test("an order is placed, sent in two parts, and its customer has spent on it", async () => {
  const { variant, place } = await stocked("Lamp", 10);
  const { customerCreate } = await ask(
    `mutation { customerCreate(input: { email: "Ann@example.com", firstName: "Ann" }) { customer { id } userErrors { message } } }`,
  );
  const customerId = customerCreate.customer.id;
  const order = {
    lineItems: [
      {
        variantId: variant.id,
        quantity: 3,
        priceSet: { shopMoney: { amount: "10", currencyCode: "EUR" } },
      },
    ],
    customer: { toAssociate: { id: customerId } },
    currency: "EUR",
    financialStatus: "PAID",
  };
  const { orderCreate } = await ask(
    `mutation ($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
      orderCreate(order: $order, options: $options) {
        order {
          id name displayFinancialStatus displayFulfillmentStatus totalPriceSet { shopMoney { amount } }
          fulfillmentOrders(first: 5) { nodes { id status lineItems(first: 5) { nodes { id remainingQuantity } } } }
        }
        userErrors { message }
      }
    }`,
    { order, options: { inventoryBehaviour: "DECREMENT_OBEYING_POLICY" } },
  );
  const { id, fulfillmentOrders, ...rest } = orderCreate.order;
  assert.deepEqual(rest, {
    name: "#1001",
    displayFinancialStatus: "PAID",
    displayFulfillmentStatus: "UNFULFILLED",
    totalPriceSet: { shopMoney: { amount: "30.00" } },
  });
  const [from] = fulfillmentOrders.nodes;
  const line = from.lineItems.nodes[0].id;
  const send = async (lines: object[] | null) => {
    const { fulfillmentCreate } = await ask(
      `mutation ($fulfillment: FulfillmentInput!) {
        fulfillmentCreate(fulfillment: $fulfillment) {
          fulfillment { id name totalQuantity trackingInfo { number } order { displayFulfillmentStatus } }
          userErrors { message }
        }
      }`,
      {
        fulfillment: {
          lineItemsByFulfillmentOrder: [
            { fulfillmentOrderId: from.id, ...(lines && { fulfillmentOrderLineItems: lines }) },
          ],
          trackingInfo: { number: "T1" },
        },
      },
    );
    return fulfillmentCreate;
  };
  assert.match(
    (await send([{ id: line, quantity: 4 }])).userErrors[0].message,
    /Invalid fulfillment order line/,
  );
  const part = (await send([{ id: line, quantity: 1 }])).fulfillment;
  assert.equal(part.order.displayFulfillmentStatus, "PARTIALLY_FULFILLED");
  const all = (await send(null)).fulfillment;
  assert.deepEqual([all.totalQuantity, all.order.displayFulfillmentStatus], [2, "FULFILLED"]);
  assert.match((await send(null)).userErrors[0].message, /unfulfillable status= closed/);

  const { customer, inventoryItem } = await ask(
    `query ($customer: ID!, $item: ID!, $location: ID!) {
      customer(id: $customer) { displayName numberOfOrders amountSpent { amount } defaultEmailAddress { emailAddress } }
      inventoryItem(id: $item) { inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } }
    }`,
    { customer: customerId, item: place.inventoryItemId, location: place.locationId },
  );
  assert.deepEqual(customer, {
    displayName: "Ann",
    numberOfOrders: "1",
    amountSpent: { amount: "30.00" },
    defaultEmailAddress: { emailAddress: "ann@example.com" },
  });
  assert.deepEqual(inventoryItem.inventoryLevel.quantities, [{ quantity: 7 }]);

  const cancel = `mutation ($id: ID!) {
    orderCancel(orderId: $id, reason: OTHER, restock: false, refundMethod: { originalPaymentMethodsRefund: true }) {
      job { id } orderCancelUserErrors { code }
    }
  }`;
  const { orderCancel: refused } = await ask(cancel, { id });
  assert.deepEqual(refused, { job: null, orderCancelUserErrors: [{ code: "INVALID" }] });
  const { orders } = await ask(
    `{ orders(first: 5, query: "financial_status:paid updated_at:>='2026-11-01T00:00:00Z'") { nodes { name } } }`,
  );
  assert.deepEqual(orders.nodes, [{ name: "#1001" }]);
});

test("what was taken from stock for an order comes back when it is cancelled", async () => {
  const { variant, place } = await stocked("Vase", 5);
  const { orderCreate } = await ask(
    `mutation ($order: OrderCreateOrderInput!) {
      orderCreate(order: $order, options: { inventoryBehaviour: DECREMENT_OBEYING_POLICY }) {
        order { id } userErrors { code }
      }
    }`,
    { order: { lineItems: [{ variantId: variant.id, quantity: 4 }] } },
  );
  const left = async () => {
    const { inventoryItem } = await ask(
      `query ($id: ID!) {
        inventoryItem(id: $id) { inventoryLevels(first: 1) { nodes { quantities(names: ["available"]) { quantity } } } }
      }`,
      { id: place.inventoryItemId },
    );
    return inventoryItem.inventoryLevels.nodes[0].quantities[0].quantity;
  };
  assert.equal(await left(), 1);
  await ask(
    `mutation ($id: ID!) {
      orderCancel(orderId: $id, reason: CUSTOMER, restock: true) { orderCancelUserErrors { code } }
    }`,
    { id: orderCreate.order.id },
  );
  assert.equal(await left(), 5);
});

test("metafields are set on what has them, in the form of their type, and only over what was read", async () => {
  const { product } = await stocked("Pot", 0);
  const write = async (metafield: object) => {
    const { metafieldsSet } = await ask(
      `mutation ($metafields: [MetafieldsSetInput!]!) {
        metafieldsSet(metafields: $metafields) { metafields { value compareDigest } userErrors { field code } }
      }`,
      { metafields: [{ ownerId: product.id, namespace: "care", key: "litres", ...metafield }] },
    );
    return metafieldsSet;
  };
  assert.equal((await write({ value: "2" })).userErrors[0].code, "BLANK");
  assert.equal((await write({ value: "two", type: "number_integer" })).userErrors[0].code, "INVALID_VALUE");
  const [written] = (await write({ value: "2", type: "number_integer" })).metafields;
  assert.equal((await write({ value: "3", compareDigest: written.compareDigest })).metafields[0].value, "3");
  const stale = await write({ value: "4", compareDigest: written.compareDigest });
  assert.deepEqual(stale.userErrors, [{ field: ["metafields", "0", "compareDigest"], code: "STALE_OBJECT" }]);
  const read = await ask(
    `query ($id: ID!) { node(id: $id) { ... on HasMetafields { metafields(first: 5) { nodes { key jsonValue type } } } } }`,
    { id: product.id },
  );
  assert.deepEqual(read.node.metafields.nodes, [{ key: "litres", jsonValue: 3, type: "number_integer" }]);
});

test("a bulk query writes every object on a line, what belongs to another after it", async () => {
  const run = async (query: string) => {
    const { bulkOperationRunQuery } = await ask(
      `mutation ($query: String!) {
        bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { code message } }
      }`,
      { query },
    );
    return bulkOperationRunQuery;
  };
  assert.match((await run("{ shop { name } }")).userErrors[0].message, /at least one connection/);
  assert.match(
    (await run("{ products { edges { node { price } } } }")).userErrors[0].message,
    /Cannot query/,
  );
  const { bulkOperation } = await run(
    "{ products { edges { node { id title variants { edges { node { id } } } } } } }",
  );
  assert.equal(bulkOperation.status, "CREATED");
  const look = `query ($id: ID!) { bulkOperation(id: $id) { status url objectCount rootObjectCount } }`;
  assert.equal((await ask(look, bulkOperation)).bulkOperation.status, "RUNNING");
  const { bulkOperation: done } = await ask(look, bulkOperation);
  assert.equal(done.status, "COMPLETED");
  const { pathname, search, host } = new URL(done.url);
  const file = await sendTo(store.url, new URL(`http://${host}${pathname}${search}`), {});
  const lines = (await file.text()).split("\n").map((line) => JSON.parse(line));
  assert.equal(String(lines.length), done.objectCount);
  const roots = lines.slice(0, Number(done.rootObjectCount));
  assert.ok(roots.every(({ title, variants }) => title && variants === undefined));
  const children = lines.slice(roots.length);
  assert.ok(
    children.length > 0 && children.every(({ __parentId }) => roots.some(({ id }) => id === __parentId)),
  );
  const guessed = await sendTo(store.url, new URL(`http://${host}${pathname}?Signature=guessed`), {});
  assert.equal(guessed.status, 403);
});

test("an app does what its scopes say", async () => {
  const few = store.as({ domain: "south.myshopify.com", accessToken: "shpat_few" });
  assert.deepEqual(await ask("{ products(first: 1) { nodes { id } } }", {}, few), {
    products: { nodes: [] },
  });
  const refused = await few.request("{ orders(first: 1) { nodes { id } } }");
  assert.equal(errorOf(refused).extensions.code, "ACCESS_DENIED");
  assert.match(errorOf(refused).message, /Required access: `read_orders` access scope/);
});
