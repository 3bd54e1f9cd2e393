import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "./connect.ts";

const query = "{ shop { id } }";

test("a token that is not known is 401, a shop that is not there 404", async (t) => {
  const shops = { "north.myshopify.com": { accessTokens: ["shpat_known"] } };
  const { as, requests } = await connect(t, { shops });

  const unknown = await as({ accessToken: "shpat_unknown" }).request(query);
  assert.equal(unknown.errors?.networkStatusCode, 401);
  const body = JSON.stringify(await unknown.errors?.response?.json());
  assert.match(body, /\[API\] Invalid API key or access token/);

  const nowhere = await as({ domain: "nowhere.myshopify.com", accessToken: "shpat_known" }).request(query);
  assert.equal(nowhere.errors?.networkStatusCode, 404);
  assert.equal((await as({ accessToken: "shpat_known" }).request(query)).errors, undefined);
  assert.deepEqual(
    requests.map(({ status, accessToken, domain }) => [status, accessToken, domain]),
    [
      [401, "shpat_unknown", "north.myshopify.com"],
      [404, "shpat_known", "nowhere.myshopify.com"],
      [200, "shpat_known", "north.myshopify.com"],
    ],
  );
});

test("a shop that is frozen, locked or busy answers as it is told to", async (t) => {
  const { shopify, as, failNext } = await connect(t);

  for (const status of [402, 423, 429, 500]) {
    failNext({ status });
    const { errors } = await shopify.request(query);
    assert.equal(errors?.networkStatusCode, status);
  }
  failNext({ status: 429, headers: { "Retry-After": "0" } }, { status: 503 });
  const { data } = await as({ retries: 2 }).request(query);
  assert.match(data.shop.id, /^gid:\/\/shopify\/Shop\//, "the client tries again, and gets through");
});

test("replies say their version; other paths, versions and bodies are refused", async (t) => {
  const { url, shopify } = await connect(t);
  const send = (path: string, body: string, type = "application/json") =>
    fetch(url + path, {
      method: "POST",
      headers: { "X-Shopify-Access-Token": "shpat_main", "Content-Type": type },
      body,
    });

  const { headers } = await shopify.request(query);
  assert.equal(headers?.get("x-shopify-api-version"), "2026-10");
  const older = await send("/admin/api/2025-01/graphql.json", JSON.stringify({ query }));
  assert.equal(older.headers.get("x-shopify-api-version"), "2026-10");
  assert.equal((await send("/admin/api/2025-02/graphql.json", JSON.stringify({ query }))).status, 404);
  assert.equal((await send("/admin/api/2026-10/products.json", "{}")).status, 404);
  assert.equal((await send("/admin/api/2026-10/graphql.json", "{")).status, 400);
  const empty = await send("/admin/api/2026-10/graphql.json", "{}");
  assert.deepEqual(await empty.json(), { errors: { query: "Required parameter missing or invalid" } });
  const alone = await send("/admin/api/2026-10/graphql.json", query, "application/graphql");
  assert.equal(alone.status, 200);
});
