import assert from "node:assert/strict";
import { type Driver, refused, type Scenario } from "./scenario.ts";

/** A customer who pays with a card, or whose card is refused. */
async function payer({ run }: Driver, card = "pm_card_visa"): Promise<string> {
  const { id } = await run("create-customer", { email: "payer@example.com", name: "Payer" });
  await run("update-customer", { id, defaultPaymentMethod: card });
  return id;
}

async function monthly({ run }: Driver, unitAmount = 1500): Promise<string> {
  const price = await run("create-price", {
    currency: "usd",
    unitAmount,
    recurring: { interval: "month" },
    productData: { name: "Plan" },
  });
  return price.id;
}

export const billing: Scenario[] = [
  {
    name: "an invoice is drafted, finalized and paid with the customer's card",
    async play(driver) {
      const { run } = driver;
      const customer = await payer(driver);
      const draft = await run("create-invoice", { customer, description: "November" });
      assert.equal(draft.status, "draft");
      await run("create-invoice-item", {
        customer,
        invoice: draft.id,
        amount: 1200,
        currency: "usd",
        description: "Work",
      });
      await run("create-invoice-item", { customer, invoice: draft.id, amount: 300, currency: "usd" });
      const open = await run("finalize-invoice", { id: draft.id });
      assert.deepEqual([open.status, open.amountDue], ["open", 1500]);
      assert.match(open.number, /-0001$/);
      await refused(run("update-invoice", { id: draft.id, description: "late" }), {
        status: 400,
        code: "invoice_not_editable",
      });
      const paid = await run("pay-invoice", { id: draft.id });
      assert.deepEqual([paid.status, paid.amountPaid, paid.amountRemaining], ["paid", 1500, 0]);
      await refused(run("pay-invoice", { id: draft.id }), { status: 400, code: "invoice_already_paid" });
      const found = await run("search-invoices", { query: `customer:"${customer}" AND total>=1500` });
      assert.deepEqual(
        found.items.map(({ id }: { id: string }) => id),
        [draft.id],
      );
    },
  },
  {
    name: "an invoice is voided, one is written off, and a draft is deleted",
    async play(driver) {
      const { run } = driver;
      const customer = await payer(driver);
      const make = async () => {
        const { id } = await run("create-invoice", {
          customer,
          collectionMethod: "send_invoice",
          daysUntilDue: 14,
        });
        await run("create-invoice-item", { customer, invoice: id, amount: 700, currency: "usd" });
        return id;
      };
      const [voided, lost, draft] = [await make(), await make(), await make()];
      await refused(run("void-invoice", { id: voided }), { status: 400 });
      await run("finalize-invoice", { id: voided });
      assert.equal((await run("void-invoice", { id: voided })).status, "void");
      await run("send-invoice", { id: lost });
      assert.equal((await run("mark-invoice-uncollectible", { id: lost })).status, "uncollectible");
      await run("delete-invoice", { id: draft });
      await refused(run("get-invoice", { id: draft }), { status: 404, code: "resource_missing" });
      await refused(run("delete-invoice", { id: voided }), { status: 400 });
      const open = await run("list-invoices", { customer, status: "void" });
      assert.equal(open.items.length, 1);
    },
  },
  {
    name: "an invoice stays open when the card is declined",
    async play(driver) {
      const { run } = driver;
      const customer = await payer(driver, "pm_card_chargeCustomerFail");
      const { id } = await run("create-invoice", { customer });
      await run("create-invoice-item", { customer, invoice: id, amount: 900, currency: "usd" });
      await refused(run("pay-invoice", { id }), { status: 402, code: "card_declined" });
      const open = await run("get-invoice", { id });
      assert.deepEqual([open.status, open.attemptCount, open.amountRemaining], ["open", 1, 900]);
      assert.equal((await run("pay-invoice", { id, paymentMethod: "pm_card_visa" })).status, "paid");
    },
  },
  {
    name: "a subscription begins with a paid invoice, grows, and ends",
    async play(driver) {
      const { run } = driver;
      const customer = await payer(driver);
      const price = await monthly(driver);
      const begun = await run("create-subscription", {
        customer,
        items: [{ price, quantity: 2 }],
        metadata: { team: "north" },
      });
      assert.equal(begun.status, "active");
      const invoice = await run("get-invoice", { id: begun.latestInvoice });
      assert.deepEqual(
        [invoice.status, invoice.amountPaid, invoice.billingReason],
        ["paid", 3000, "subscription_create"],
      );

      const [item] = begun.items;
      const grown = await run("update-subscription", { id: begun.id, items: [{ id: item.id, quantity: 5 }] });
      assert.equal(grown.items[0].quantity, 5);
      const ending = await run("update-subscription", { id: begun.id, cancelAtPeriodEnd: true });
      assert.deepEqual([ending.status, ending.cancelAtPeriodEnd], ["active", true]);
      const ended = await run("cancel-subscription", { id: begun.id });
      assert.equal(ended.status, "canceled");

      assert.deepEqual((await run("list-subscriptions", { customer })).items, []);
      const all = await run("list-subscriptions", { customer, status: "all" });
      assert.deepEqual(
        all.items.map(({ id }: { id: string }) => id),
        [begun.id],
      );
      const found = await run("search-subscriptions", {
        query: 'status:"canceled" AND metadata["team"]:"north"',
      });
      assert.equal(found.items.length, 1);
    },
  },
  {
    name: "a subscription can be tried first, and is incomplete where the first payment fails",
    async play(driver) {
      const { run } = driver;
      const price = await monthly(driver);
      const { id: stranger } = await run("create-customer", { name: "No card" });
      await refused(run("create-subscription", { customer: stranger, items: [{ price }] }), {
        status: 400,
        code: "resource_missing",
      });
      const trial = await run("create-subscription", {
        customer: stranger,
        items: [{ price }],
        trialPeriodDays: 14,
      });
      assert.equal(trial.status, "trialing");
      assert.equal((await run("get-invoice", { id: trial.latestInvoice })).amountDue, 0);

      const customer = await payer(driver, "pm_card_chargeCustomerFail");
      const incomplete = await run("create-subscription", { customer, items: [{ price }] });
      assert.equal(incomplete.status, "incomplete");
      await refused(
        run("create-subscription", { customer, items: [{ price }], paymentBehavior: "error_if_incomplete" }),
        { status: 402, code: "card_declined" },
      );
    },
  },
];
