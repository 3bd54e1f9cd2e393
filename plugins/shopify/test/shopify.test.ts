/** The connector as tenants use it, over one store: each part goes on from what the ones before it left there. */
import { test } from "node:test";
import { changes } from "./changes.ts";
import { deliveries } from "./deliveries.ts";
import { refusals } from "./refusals.ts";
import { openStore } from "./store.ts";
import { writes } from "./writes.ts";

test("Shopify", async (t) => {
  const store = await openStore(t);
  for (const part of [changes, writes, refusals, deliveries]) await t.test(part.name, (t) => part(t, store));
});
