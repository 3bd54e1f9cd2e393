import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, errorOf } from "./connect.ts";

test("what Shopify's schema does not have is refused, with the place", async (t) => {
  const { shopify } = await connect(t);
  const refusal = async (query: string, variables: object = {}) =>
    errorOf(await shopify.request(query, { variables: { ...variables } }));

  const unknown = await refusal("{ products(first: 1) { nodes { price } } }");
  assert.match(unknown.message, /Cannot query field "price" on type "Product"/);
  assert.deepEqual(unknown.locations, [{ line: 1, column: 32 }]);
  assert.match((await refusal("{ shop {")).message, /Syntax Error/);
  assert.match((await refusal("{ product { id } }")).message, /of type "ID!" is required/);
  const variable = await refusal("query ($first: Int!) { products(first: $first) { nodes { id } } }", {
    first: "many",
  });
  assert.equal(variable.extensions.code, "INVALID_VARIABLE");
});

test("what Shopify has and the simulator has not is an error, not an empty answer", async (t) => {
  const { shopify } = await connect(t);
  const reply = await shopify.request("{ shop { name } draftOrders(first: 1) { nodes { id } } }");
  assert.match(errorOf(reply).message, /The simulator does not have QueryRoot\.draftOrders/);
  assert.equal(errorOf(reply).extensions.code, "NOT_SIMULATED");
  assert.equal(
    reply.data ?? undefined,
    undefined,
    "QueryRoot.draftOrders may not be null, so nothing is left",
  );

  const refused = await shopify.request(
    `mutation { productCreate(product: { title: "x", giftCard: true }) { product { id } } }`,
  );
  assert.match(errorOf(refused).message, /does not take giftCard/);
});

test("queries are priced by what they ask for, and charged for what they got", async (t) => {
  const { shopify } = await connect(t, { nowMs: () => 0 });
  const costOf = async (query: string) => (await shopify.request(query)).extensions?.cost;

  assert.deepEqual(await costOf("{ products(first: 10) { nodes { id title } } }"), {
    requestedQueryCost: 12,
    actualQueryCost: 1,
    throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1999, restoreRate: 100 },
  });
  const nested = await costOf(
    "query { ...All } fragment All on QueryRoot { products(first: 3) { edges { node { seo { title } } } } }",
  );
  assert.equal(nested?.requestedQueryCost, 2 + 3 * 3);
  const written = await costOf(`mutation { productCreate(product: { title: "x" }) { product { id } } }`);
  assert.equal(written?.requestedQueryCost, 11);
  assert.equal(written?.actualQueryCost, 11);

  const costly = await shopify.request(
    "{ products(first: 250) { nodes { seo { title } media(first: 9) { nodes { id } } } } }",
  );
  assert.equal(errorOf(costly).extensions.code, "MAX_COST_EXCEEDED");
});

test("an app that asks for more than its bucket holds is throttled, until it has refilled", async (t) => {
  let now = 0;
  const { shopify, as } = await connect(t, {
    bucket: { maximumAvailable: 20, restoreRate: 5 },
    nowMs: () => now,
  });
  const create = `mutation { productCreate(product: { title: "x" }) { product { id } } }`;

  assert.equal((await shopify.request(create)).errors, undefined);
  const { errors, extensions, data } = await shopify.request(create);
  assert.equal(data, undefined);
  assert.deepEqual(errors?.graphQLErrors?.[0], {
    message: "Throttled",
    extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
  });
  assert.deepEqual(extensions?.cost, {
    requestedQueryCost: 11,
    actualQueryCost: null,
    throttleStatus: { maximumAvailable: 20, currentlyAvailable: 9, restoreRate: 5 },
  });
  assert.equal((await as({ accessToken: "shpat_other" }).request(create)).errors, undefined);
  now = 400;
  assert.equal((await shopify.request(create)).errors, undefined);
});
