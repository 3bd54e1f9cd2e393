import { type Trigger, trigger } from "@plugboard/plugin-sdk";
import type { Resource } from "../resource/resource.ts";
import {
  charge,
  checkoutSession,
  customer,
  invoice,
  paymentIntent,
  refund,
  subscription,
} from "../resources/index.ts";

/** What fires when Stripe tells of it: an endpoint in Stripe that listens to these events is needed. */
const told: [name: string, title: string, of: Resource, ...events: [string, ...string[]]][] = [
  ["customer-updated", "Customer changed", customer, "customer.updated"],
  ["payment-succeeded", "Payment succeeded", paymentIntent, "payment_intent.succeeded"],
  ["payment-failed", "Payment failed", paymentIntent, "payment_intent.payment_failed"],
  ["charge-refunded", "Charge refunded", charge, "charge.refunded"],
  ["refund-failed", "Refund failed", refund, "refund.failed"],
  ["invoice-paid", "Invoice paid", invoice, "invoice.paid"],
  ["invoice-payment-failed", "Invoice could not be collected", invoice, "invoice.payment_failed"],
  ["subscription-started", "Subscription started", subscription, "customer.subscription.created"],
  ["subscription-changed", "Subscription changed", subscription, "customer.subscription.updated"],
  ["subscription-ended", "Subscription ended", subscription, "customer.subscription.deleted"],
  [
    "checkout-completed",
    "Checkout completed",
    checkoutSession,
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
  ],
];

export const webhookTriggers: { [name: string]: Trigger } = Object.fromEntries(
  told.map(([name, title, { schema }, ...events]) => [
    name,
    trigger({
      title,
      description: `Fires on ${events.join(" and ")}. Needs the webhook in Stripe.`,
      kind: "webhook",
      events,
      output: schema,
    }),
  ]),
);
