import assert from "node:assert/strict";
import { test } from "node:test";
import type Stripe from "stripe";
import { connect } from "./connect.ts";

test("what is referred to is expanded over several records, within lists, and not deeper than Stripe goes", async (t) => {
  const { stripe } = await connect(t);
  const { id: customer } = await stripe.customers.create({ name: "Ann" });
  const intent = await stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    customer,
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    payment_method: "pm_card_visa",
    expand: ["latest_charge.balance_transaction", "customer"],
  });
  const charge = intent.latest_charge as Stripe.Charge;
  assert.equal((charge.balance_transaction as Stripe.BalanceTransaction).net, 1912);
  assert.equal((intent.customer as Stripe.Customer).name, "Ann");

  const listed = await stripe.charges.list({ expand: ["data.payment_intent.customer"] });
  const [first] = listed.data;
  assert.ok(first);
  assert.equal(((first.payment_intent as Stripe.PaymentIntent).customer as Stripe.Customer).name, "Ann");
  assert.equal((await stripe.charges.retrieve(charge.id)).payment_intent, intent.id);

  await assert.rejects(stripe.charges.retrieve(charge.id, { expand: ["colour"] }), {
    code: "property_cannot_be_expanded",
    param: "expand",
  });
  const deep = "payment_intent.latest_charge.payment_intent.latest_charge.customer";
  await assert.rejects(stripe.charges.retrieve(charge.id, { expand: [deep] }), /more than 4 levels/);
});

test("products of a subscription's prices are expanded where they stand", async (t) => {
  const { stripe } = await connect(t);
  const price = await stripe.prices.create({
    currency: "usd",
    unit_amount: 500,
    recurring: { interval: "month" },
    product_data: { name: "Club" },
  });
  const { id: customer } = await stripe.customers.create({ payment_method: "pm_card_visa" });
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: price.id }],
    trial_period_days: 7,
    expand: ["items.data.price.product", "latest_invoice"],
  });
  const [item] = subscription.items.data;
  assert.ok(item);
  assert.equal((item.price.product as Stripe.Product).name, "Club");
  assert.equal((subscription.latest_invoice as Stripe.Invoice).billing_reason, "subscription_create");
});
