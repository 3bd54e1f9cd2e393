/** What becomes of what Shopify refuses. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Store } from "./store.ts";

const failing = (code: string) => () => Response.json({ errors: [{ message: "No", extensions: { code } }] });
const userError = (code: string) => () =>
  Response.json({ data: { written: { record: null, userErrors: [{ field: null, message: "No", code }] } } });

const classes: [what: string, answer: () => Response, code: string][] = [
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
  ["what is not known", failing("BRAND_NEW"), "vendor-error"],
  ["a failure that is a text", () => Response.json({ errors: "Something went wrong" }), "vendor-error"],
  ["a reply without data", () => Response.json({}), "vendor-error"],
  ["a taken handle", userError("TAKEN"), "conflict"],
  ["an older value", userError("STALE_OBJECT"), "conflict"],
  ["a record that is not there", userError("PRODUCT_DOES_NOT_EXIST"), "not-found"],
  ["too many operations", userError("OPERATION_IN_PROGRESS"), "rate-limited"],
  ["as many as there may be", userError("FULFILLMENT_ORDER_HOLD_LIMIT_REACHED"), "conflict"],
  ["a busy inventory", userError("SERVICE_UNAVAILABLE"), "vendor-unavailable"],
  ["what the app may not do", userError("UNAUTHORIZED_APP_SCOPE"), "forbidden"],
  ["what the user may not do", userError("USER_LACKS_PERMISSION"), "forbidden"],
  ["any other refusal", userError("INVALID"), "invalid-input"],
];

export async function refusals(t: TestContext, store: Store): Promise<void> {
  const { shopify } = store;

  await t.test("a throttled query says when there will be room again", async () => {
    store.instead = () =>
      Response.json({
        errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
        extensions: {
          cost: { requestedQueryCost: 120, throttleStatus: { currentlyAvailable: 20, restoreRate: 50 } },
        },
      });
    await assert.rejects(shopify.run("list-products", {}), { code: "rate-limited", retryAfterMs: 2000 });
  });

  await t.test("a query that asks for more than the store ever has is refused as what it is", async () => {
    const throttleStatus = { maximumAvailable: 300, currentlyAvailable: 300, restoreRate: 150 };
    store.instead = () =>
      Response.json({
        errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
        extensions: { cost: { requestedQueryCost: 402, throttleStatus } },
      });
    await assert.rejects(shopify.run("list-products", {}), {
      code: "invalid-input",
      message:
        "Shopify asks 402 points for this, and this store never has more than 300. Ask for less at once.",
      retryAfterMs: undefined,
    });
  });

  await t.test("what Shopify refuses has a class", async () => {
    for (const [what, answer, code] of classes) {
      store.instead = answer;
      await assert.rejects(shopify.run("create-product", { title: "x" }), { code }, what);
    }
    store.instead = undefined;
  });

  await t.test("a change that was made is not reported as one that was refused", async () => {
    const record = { id: "gid://shopify/Product/7", title: "x" };
    store.instead = () =>
      Response.json({
        data: { written: { record, userErrors: [] } },
        errors: [{ message: "Access denied for vendor", extensions: { code: "ACCESS_DENIED" } }],
      });
    await assert.rejects(shopify.run("create-product", { title: "x" }), {
      code: "vendor-error",
      message: "The change was made; not all of it may be read: Access denied for vendor",
      details: { record, code: "ACCESS_DENIED" },
    });
    store.instead = () =>
      Response.json({
        data: { written: { record: null, userErrors: [] } },
        errors: [{ message: "No", path: ["written", "record"], extensions: { code: "ACCESS_DENIED" } }],
      });
    await assert.rejects(shopify.run("create-customer", { email: "ann@example.com" }), {
      code: "vendor-error",
      message: "The change was probably made; what was written may not be read: No",
      details: { code: "ACCESS_DENIED" },
    });
    store.instead = undefined;
  });
}
