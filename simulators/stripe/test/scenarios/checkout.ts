import assert from "node:assert/strict";
import { refused, type Scenario } from "./scenario.ts";

const successUrl = "https://shop.example/thanks";
const item = {
  quantity: 2,
  priceData: { currency: "usd", unitAmount: 800, productData: { name: "Mug" } },
};

export const checkout: Scenario[] = [
  {
    name: "a buyer pays on the page of a checkout session; another session expires",
    async play({ run, buyer }) {
      const session = await run("create-checkout-session", {
        mode: "payment",
        successUrl,
        lineItems: [item],
        customerEmail: "buyer@example.com",
        clientReferenceId: "cart-7",
      });
      assert.deepEqual(
        [session.status, session.paymentStatus, session.amountTotal],
        ["open", "unpaid", 1600],
      );
      assert.match(session.url, /^https:\/\/checkout\.stripe\.com\//);
      buyer.pay(session.id);
      const done = await run("get-checkout-session", { id: session.id });
      assert.deepEqual([done.status, done.paymentStatus], ["complete", "paid"]);
      assert.equal((await run("get-payment-intent", { id: done.paymentIntent })).amountReceived, 1600);
      const items = await run("list-checkout-session-line-items", { id: session.id });
      assert.deepEqual([items.items[0].quantity, items.items[0].description], [2, "Mug"]);

      const other = await run("create-checkout-session", { mode: "payment", successUrl, lineItems: [item] });
      assert.equal((await run("expire-checkout-session", { id: other.id })).status, "expired");
      await refused(run("expire-checkout-session", { id: session.id }), { status: 400 });
      const open = await run("list-checkout-sessions", { status: "open" });
      assert.deepEqual(open.items, []);
    },
  },
  {
    name: "a checkout session sells a subscription",
    async play({ run, buyer }) {
      const price = await run("create-price", {
        currency: "usd",
        unitAmount: 500,
        recurring: { interval: "year" },
        productData: { name: "Club" },
      });
      await refused(
        run("create-checkout-session", {
          mode: "payment",
          successUrl,
          lineItems: [{ price: price.id, quantity: 1 }],
        }),
        { status: 400 },
      );
      const session = await run("create-checkout-session", {
        mode: "subscription",
        successUrl,
        lineItems: [{ price: price.id, quantity: 1 }],
      });
      buyer.pay(session.id);
      const { subscription, customer } = await run("get-checkout-session", { id: session.id });
      const begun = await run("get-subscription", { id: subscription });
      assert.deepEqual([begun.status, begun.customer], ["active", customer]);
    },
  },
  {
    name: "a payment link is made and switched off",
    async play({ run }) {
      const link = await run("create-payment-link", { lineItems: [item], metadata: { campaign: "x" } });
      assert.equal(link.active, true);
      assert.match(link.url, /^https:\/\/buy\.stripe\.com\//);
      assert.equal((await run("update-payment-link", { id: link.id, active: false })).active, false);
      assert.equal((await run("get-payment-link", { id: link.id })).metadata.campaign, "x");
      assert.deepEqual((await run("list-payment-links", { active: true })).items, []);
    },
  },
];
