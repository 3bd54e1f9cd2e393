import assert from "node:assert/strict";
import { refused, type Scenario } from "./scenario.ts";

export const catalog: Scenario[] = [
  {
    name: "a product with a price is made, changed, found and archived",
    async play({ run }) {
      const product = await run("create-product", {
        name: "Gold plan",
        description: "All of it",
        images: ["https://example.com/gold.png"],
        metadata: { tier: "gold" },
        defaultPriceData: { currency: "usd", unitAmount: 1500, recurring: { interval: "month" } },
      });
      const price = await run("get-price", { id: product.defaultPrice });
      assert.equal(price.product, product.id);
      assert.equal(price.recurring.interval, "month");
      assert.equal(price.unitAmount, 1500);

      const changed = await run("update-product", {
        id: product.id,
        active: false,
        metadata: { tier: null, old: "yes" },
      });
      assert.equal(changed.active, false);
      assert.deepEqual(changed.metadata, { old: "yes" });
      assert.equal(changed.description, "All of it");

      const inactive = await run("list-products", { active: false });
      assert.deepEqual(
        inactive.items.map(({ id }: { id: string }) => id),
        [product.id],
      );
      await refused(run("delete-product", { id: product.id }), { status: 400 });
    },
  },
  {
    name: "prices are listed by product and lookup key, which one price holds at a time",
    async play({ run }) {
      const { id: product } = await run("create-product", { name: "Seats" });
      const first = await run("create-price", {
        product,
        currency: "EUR",
        unitAmount: 900,
        lookupKey: "seat",
      });
      assert.equal(first.currency, "eur");
      assert.equal(first.type, "one_time");
      await refused(run("create-price", { product, currency: "eur", unitAmount: 1000, lookupKey: "seat" }), {
        status: 400,
        code: "resource_already_exists",
        param: "lookup_key",
      });
      const second = await run("create-price", {
        product,
        currency: "eur",
        unitAmount: 1000,
        lookupKey: "seat",
        transferLookupKey: true,
      });
      const found = await run("list-prices", { lookupKeys: ["seat"] });
      assert.deepEqual(
        found.items.map(({ id }: { id: string }) => id),
        [second.id],
      );
      assert.equal((await run("get-price", { id: first.id })).lookupKey, null);
      const ofProduct = await run("list-prices", { product, type: "one_time" });
      assert.equal(ofProduct.items.length, 2);
    },
  },
  {
    name: "products are searched by text, by metadata, and by what they are not",
    async play({ run }) {
      for (const [name, team] of [
        ["Red lamp", "a"],
        ["Blue lamp", "b"],
        ["Red chair", "b"],
      ])
        await run("create-product", { name, metadata: { team } });
      const names = async (query: string) =>
        (await run("search-products", { query })).items.map(({ name }: { name: string }) => name).sort();
      assert.deepEqual(await names('name~"lamp"'), ["Blue lamp", "Red lamp"]);
      assert.deepEqual(await names('name~"red" AND metadata["team"]:"b"'), ["Red chair"]);
      assert.deepEqual(await names('name~"lamp" AND -metadata["team"]:"a"'), ["Blue lamp"]);
      assert.deepEqual(await names('name:"red chair" OR metadata["team"]:"a"'), ["Red chair", "Red lamp"]);
      await refused(run("search-products", { query: "name~lamp" }), { status: 400, param: "query" });

      const page = await run("search-products", { query: 'active:"true"', limit: 2 });
      const rest = await run("search-products", {
        query: 'active:"true"',
        limit: 2,
        cursor: page.nextCursor,
      });
      assert.equal(page.items.length + rest.items.length, 3);
      assert.equal(rest.nextCursor, null);
    },
  },
];
