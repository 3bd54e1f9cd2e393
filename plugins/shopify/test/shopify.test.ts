import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTestHost, type TestHost, type TestHostOptions } from "@plugboard/plugin-sdk/testing";

async function openPlugin(t: TestContext, answer: TestHostOptions["answer"]): Promise<TestHost> {
  const directory = join(import.meta.dirname, "..");
  const host = await createTestHost({ directory, answer, config: { shop: "blue-lamp" } });
  t.after(() => host.close());
  return host;
}

const lamp = {
  id: "gid://shopify/Product/1",
  title: "Lamp",
  handle: "lamp",
  status: "ACTIVE",
  vendor: "Blue",
  productType: "Lighting",
  totalInventory: 3,
  descriptionHtml: "",
  tags: [],
  templateSuffix: null,
  seo: { title: null, description: null },
  options: [],
  tracksInventory: true,
  onlineStoreUrl: null,
  publishedAt: null,
  createdAt: "2026-10-01T00:00:00Z",
  updatedAt: "2026-10-02T00:00:00Z",
};

test("products are listed page by page from the store's Admin API", async (t) => {
  const requests: { url: string; body: { query: string; variables: object } }[] = [];
  const shopify = await openPlugin(t, async (request) => {
    requests.push({ url: request.url, body: (await request.json()) as { query: string; variables: object } });
    const pageInfo = { hasNextPage: requests.length === 1, endCursor: "abc" };
    return Response.json({ data: { records: { nodes: [lamp], pageInfo } } });
  });

  const first = await shopify.run("list-products", { limit: 1, query: "status:active" });
  const second = await shopify.run("list-products", { limit: 1, cursor: "abc" });

  assert.deepEqual(first, { items: [lamp], nextCursor: "abc" });
  assert.deepEqual(second, { items: [lamp], nextCursor: null });
  assert.equal(requests[0]?.url, "https://blue-lamp.myshopify.com/admin/api/2026-10/graphql.json");
  assert.match(requests[0]?.body.query ?? "", /products\(first: \$first, after: \$after, query: \$query/);
  assert.deepEqual(requests[0]?.body.variables, {
    first: 1,
    after: null,
    query: "status:active",
    sortKey: "ID",
  });
});

test("a throttled query says when there will be room again", async (t) => {
  const shopify = await openPlugin(t, () =>
    Response.json({
      errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
      extensions: {
        cost: { requestedQueryCost: 120, throttleStatus: { currentlyAvailable: 20, restoreRate: 50 } },
      },
    }),
  );

  await assert.rejects(shopify.run("list-products", {}), { code: "rate-limited", retryAfterMs: 2000 });
});

const refusals: [what: string, answer: () => Response, code: string][] = [
  ["a refused token", () => new Response("", { status: 401 }), "unauthorized"],
  ["an unknown store", () => new Response("", { status: 404 }), "not-found"],
  ["a frozen store", () => new Response("", { status: 402 }), "vendor-error"],
  ["too many requests", () => new Response("", { status: 429 }), "rate-limited"],
  ["a failing server", () => new Response("", { status: 502 }), "vendor-unavailable"],
  [
    "a missing scope",
    () => Response.json({ errors: [{ message: "No access", extensions: { code: "ACCESS_DENIED" } }] }),
    "unauthorized",
  ],
  ["a bad search", () => Response.json({ errors: [{ message: "Invalid search" }] }), "invalid-input"],
  ["a reply without data", () => Response.json({}), "vendor-error"],
];
test("what Shopify refuses has a class", async (t) => {
  let reply: () => Response = () => assert.fail("not set");
  const shopify = await openPlugin(t, () => reply());

  for (const [what, answer, code] of refusals) {
    reply = answer;
    await assert.rejects(shopify.run("list-products", {}), { code }, what);
  }
});

test("a store's name cannot lead to another host", async (t) => {
  const directory = join(import.meta.dirname, "..");
  for (const shop of ["evil.com/", "a.b", "a@evil", "-a", ""]) {
    const host = await createTestHost({ directory, config: { shop }, answer: () => assert.fail("was sent") });
    t.after(() => host.close());
    await assert.rejects(host.run("list-products", {}), {
      name: "TypeError",
      message: /config does not fit/,
    });
  }
});
