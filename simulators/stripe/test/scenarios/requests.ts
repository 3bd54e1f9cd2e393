import assert from "node:assert/strict";
import { atOnce, refused, type Scenario } from "./scenario.ts";

/** What holds for all resources alike. */
export const requests: Scenario[] = [
  {
    name: "lists go on after the last record of the page before",
    async play({ run }) {
      for (const name of ["1", "2", "3", "4", "5"]) await run("create-customer", { name });
      const names: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await run("list-customers", { limit: 2, ...(cursor && { cursor }) });
        names.push(...page.items.map(({ name }: { name: string }) => name));
        cursor = page.nextCursor;
      } while (cursor !== null);
      assert.deepEqual(names, ["5", "4", "3", "2", "1"]);
      await refused(run("list-customers", { cursor: "cus_nobody" }), {
        status: 400,
        code: "resource_missing",
        param: "starting_after",
      });
    },
  },
  {
    name: "what is wrong with a parameter is told with its name",
    async play({ run }) {
      await refused(run("get-product", { id: "prod_nobody" }), {
        status: 404,
        code: "resource_missing",
        param: "id",
      });
      await refused(run("create-price", { product: "prod_nobody", currency: "usd", unitAmount: 1 }), {
        status: 400,
        code: "resource_missing",
        param: "product",
      });
      await refused(run("create-payment-intent", { amount: 10, currency: "usd", ...atOnce }), {
        status: 400,
        code: "amount_too_small",
        param: "amount",
      });
    },
  },
  {
    name: "a write under a key that was used is answered as the first one was, refusals of cards too",
    async play({ run }) {
      const input = { name: "Once", idempotencyKey: "product-1" };
      const first = await run("create-product", input);
      assert.equal((await run("create-product", input)).id, first.id);
      await refused(run("create-product", { ...input, name: "Twice" }), { status: 400 });

      const payment = { amount: 900, currency: "usd", ...atOnce, paymentMethod: "pm_card_chargeDeclined" };
      for (let attempt = 0; attempt < 2; attempt++)
        await refused(run("create-payment-intent", { ...payment, idempotencyKey: "payment-1" }), {
          status: 402,
          code: "card_declined",
        });
      assert.equal((await run("list-charges")).items.length, 1);
    },
  },
  {
    name: "what happened is in the events, with what it was before",
    async play({ run }) {
      const { id } = await run("create-customer", { name: "Before" });
      await run("update-customer", { id, name: "After" });
      await run("delete-customer", { id });
      const { items } = await run("list-events", { types: ["customer.updated", "customer.deleted"] });
      assert.deepEqual(
        items.map(({ type }: { type: string }) => type),
        ["customer.deleted", "customer.updated"],
      );
      const update = await run("get-event", { id: items[1].id });
      assert.equal(update.data.object.name, "After");
      assert.deepEqual(update.data.previousAttributes, { name: "Before" });
      await refused(run("update-customer", { id, name: "Gone" }), { status: 404, code: "resource_missing" });
    },
  },
];
