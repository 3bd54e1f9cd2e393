import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdminApiClient } from "@shopify/admin-api-client";
import { connect, errorOf } from "./connect.ts";

const create = `mutation Create($product: ProductCreateInput!) {
  productCreate(product: $product) { product { id title handle status tags vendor } userErrors { field message } }
}`;

async function titled(shopify: AdminApiClient, ...titles: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const title of titles) {
    const { data } = await shopify.request(create, { variables: { product: { title } } });
    ids.push(data.productCreate.product.id);
  }
  return ids;
}

test("a product is created, read, changed and deleted", async (t) => {
  const { shopify } = await connect(t, { nowMs: () => Date.UTC(2026, 10, 1) });

  const product = { title: "Red Lamp", tags: ["b", "a", "b"], status: "DRAFT" };
  const { data: created, errors } = await shopify.request(create, { variables: { product } });
  assert.equal(errors, undefined);
  const { id, ...rest } = created.productCreate.product;
  assert.match(id, /^gid:\/\/shopify\/Product\/\d+$/);
  assert.deepEqual(rest, {
    title: "Red Lamp",
    handle: "red-lamp",
    status: "DRAFT",
    tags: ["a", "b"],
    vendor: "north",
  });

  const { data: read } = await shopify.request(
    "query ($id: ID!) { product(id: $id) { __typename title createdAt legacyResourceId seo { title } } node(id: $id) { __typename id } }",
    { variables: { id } },
  );
  assert.deepEqual(read.product, {
    __typename: "Product",
    title: "Red Lamp",
    createdAt: "2026-11-01T00:00:00Z",
    legacyResourceId: id.split("/").at(-1),
    seo: { title: null },
  });
  assert.deepEqual(read.node, { __typename: "Product", id });

  const { data: updated } = await shopify.request(
    `mutation ($product: ProductUpdateInput!) {
      productUpdate(product: $product) { product { title status } userErrors { field message } }
    }`,
    { variables: { product: { id, status: "ACTIVE" } } },
  );
  assert.deepEqual(updated.productUpdate, {
    product: { title: "Red Lamp", status: "ACTIVE" },
    userErrors: [],
  });

  const remove = `mutation ($id: ID!) {
    productDelete(input: { id: $id }) { deletedProductId userErrors { field message } }
  }`;
  const { data: removed } = await shopify.request(remove, { variables: { id } });
  assert.deepEqual(removed.productDelete, { deletedProductId: id, userErrors: [] });
  const { data: again } = await shopify.request(remove, { variables: { id } });
  assert.deepEqual(again.productDelete, {
    deletedProductId: null,
    userErrors: [{ field: ["id"], message: "Product does not exist" }],
  });
});

test("what the schema allows and Shopify does not is told in userErrors", async (t) => {
  const { shopify } = await connect(t);
  const errorsOf = async (product: object) => {
    const { data } = await shopify.request(create, { variables: { product } });
    assert.equal(data.productCreate.product, null);
    return data.productCreate.userErrors;
  };

  assert.deepEqual(await errorsOf({ title: " " }), [{ field: ["title"], message: "Title can't be blank" }]);
  assert.match((await errorsOf({ title: "x".repeat(256) }))[0].message, /^Title is too long/);
  await titled(shopify, "Lamp");
  assert.deepEqual(await errorsOf({ title: "Other", handle: "lamp" }), [
    { field: ["input", "handle"], message: "Handle 'lamp' already in use. Please provide a new handle." },
  ]);
  const { data } = await shopify.request(
    `mutation { productUpdate(product: { id: "gid://shopify/Product/1", title: "x" }) { userErrors { message } } }`,
  );
  assert.deepEqual(data.productUpdate.userErrors, [{ message: "Product does not exist" }]);
});

test("products are listed page by page, both ways", async (t) => {
  const { shopify } = await connect(t);
  await titled(shopify, "A", "B", "C");
  const list = `query ($first: Int, $after: String, $last: Int, $before: String, $reverse: Boolean) {
    products(first: $first, after: $after, last: $last, before: $before, reverse: $reverse) {
      nodes { title } edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  const page = async (variables: object) => {
    const { data } = await shopify.request(list, { variables: { ...variables } });
    const { nodes, edges, pageInfo } = data.products;
    return { titles: nodes.map((node: { title: string }) => node.title).join(""), edges, ...pageInfo };
  };

  const first = await page({ first: 2 });
  assert.deepEqual([first.titles, first.hasNextPage, first.hasPreviousPage], ["AB", true, false]);
  assert.equal(first.edges[1].cursor, first.endCursor);
  const second = await page({ first: 2, after: first.endCursor });
  assert.deepEqual([second.titles, second.hasNextPage, second.hasPreviousPage], ["C", false, true]);
  const back = await page({ last: 1, before: second.startCursor });
  assert.deepEqual([back.titles, back.hasNextPage, back.hasPreviousPage], ["B", true, true]);
  assert.equal((await page({ first: 5, reverse: true })).titles, "CBA");

  const refused = await shopify.request(list, { variables: {} });
  assert.match(errorOf(refused).message, /you must provide one of first or last/);
});

test("products are searched and sorted; what is not simulated is an error", async (t) => {
  const { shopify } = await connect(t);
  await titled(shopify, "Blue lamp", "Alder table", "Red lamp");
  const titles = async (query: string | null, sortKey = "ID") => {
    const reply = await shopify.request(
      "query ($query: String, $sortKey: ProductSortKeys) { products(first: 9, query: $query, sortKey: $sortKey) { nodes { title } } }",
      { variables: { query, sortKey } },
    );
    return reply.errors
      ? errorOf(reply).message
      : reply.data.products.nodes.map((node: { title: string }) => node.title);
  };

  assert.deepEqual(await titles("lamp"), ["Blue lamp", "Red lamp"]);
  assert.deepEqual(await titles("lamp title:'Red lamp' status:active"), ["Red lamp"]);
  assert.deepEqual(await titles(null, "TITLE"), ["Alder table", "Blue lamp", "Red lamp"]);
  assert.deepEqual(await titles("(blue OR alder) -table"), ["Blue lamp"]);
  assert.deepEqual(await titles("created_at:>2020-01-01 title:alder*"), ["Alder table"]);
  assert.deepEqual(await titles("updated_at:<'2020-01-01T00:00:00Z'"), []);
  assert.match(String(await titles("colour:red")), /does not search for/);
  const { data } = await shopify.request(`{ productsCount(query: "lamp") { count precision } }`);
  assert.deepEqual(data.productsCount, { count: 2, precision: "EXACT" });
});

test("shops share nothing", async (t) => {
  const { shopify, as } = await connect(t);
  const south = as({ domain: "south.myshopify.com" });
  await titled(shopify, "Lamp");

  const { data } = await south.request(
    "{ shop { name myshopifyDomain } products(first: 1) { nodes { id } } }",
  );
  assert.deepEqual(data, {
    shop: { name: "south", myshopifyDomain: "south.myshopify.com" },
    products: { nodes: [] },
  });
});
