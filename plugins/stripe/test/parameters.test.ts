/**
 * What this plugin sends are parameters of the pinned version of Stripe's API, as Stripe's own client of that version has
 * them. The compiler says so; what runs says only that all resources were looked at.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Static, TSchema } from "@plugboard/plugin-sdk";
import type Stripe from "stripe";
import type { balanceTransaction } from "../resources/balance.ts";
import { charge } from "../resources/charge.ts";
import { checkoutSession } from "../resources/checkout-session.ts";
import { customer } from "../resources/customer.ts";
import type { event } from "../resources/event.ts";
import { resources } from "../resources/index.ts";
import { invoice } from "../resources/invoice.ts";
import { invoiceItem } from "../resources/invoice-item.ts";
import { paymentIntent } from "../resources/payment-intent.ts";
import { paymentLink } from "../resources/payment-link.ts";
import { price } from "../resources/price.ts";
import { product } from "../resources/product.ts";
import { refund } from "../resources/refund.ts";
import { subscription } from "../resources/subscription.ts";

/** `unitAmount` is `unit_amount`. */
type Snake<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : "";

/** Where a field stands elsewhere, it is looked for there. */
type Elsewhere = {
  defaultPaymentMethod: "invoice_settings";
  createdFrom: "created";
  createdBefore: "created";
};

type ParameterOf<Field, Official> =
  Snake<Field & string> extends keyof Official
    ? never
    : Field extends keyof Elsewhere
      ? Exclude<Elsewhere[Field], keyof Official>
      : Snake<Field & string>;

type Unknown<Official, Fields> = { [Field in keyof Fields]: ParameterOf<Field, Official> }[keyof Fields];

/** Does not compile where the fields have one that Stripe's parameters have not; the error names it. */
function knows<Official, Fields>(
  ..._unknown: [Unknown<Official, Fields>] extends [never] ? [] : [Unknown<Official, Fields>]
) {
  held += 1;
}
let held = 0;

test("every parameter is one that Stripe's client has", () => {
  knows<Stripe.CustomerCreateParams, typeof customer.create>();
  knows<Stripe.CustomerUpdateParams, typeof customer.update>();
  knows<Stripe.CustomerListParams, typeof customer.filter>();
  knows<Stripe.ProductCreateParams, typeof product.create>();
  knows<Stripe.ProductUpdateParams, typeof product.update>();
  knows<Stripe.ProductListParams, typeof product.filter>();
  knows<Stripe.PriceCreateParams, typeof price.create>();
  knows<Stripe.PriceUpdateParams, typeof price.update>();
  knows<Stripe.PriceListParams, typeof price.filter>();
  knows<Stripe.PaymentIntentCreateParams, typeof paymentIntent.create>();
  knows<Stripe.PaymentIntentUpdateParams, typeof paymentIntent.update>();
  knows<Stripe.PaymentIntentListParams, typeof paymentIntent.filter>();
  const intents = paymentIntent.deeds;
  knows<Stripe.PaymentIntentConfirmParams, (typeof intents)["confirm-payment-intent"]["input"]>();
  knows<Stripe.PaymentIntentCaptureParams, (typeof intents)["capture-payment-intent"]["input"]>();
  knows<Stripe.PaymentIntentCancelParams, (typeof intents)["cancel-payment-intent"]["input"]>();
  knows<Stripe.ChargeListParams, typeof charge.filter>();
  knows<Stripe.RefundCreateParams, typeof refund.create>();
  knows<Stripe.RefundUpdateParams, typeof refund.update>();
  knows<Stripe.RefundListParams, typeof refund.filter>();
  knows<Stripe.InvoiceCreateParams, typeof invoice.create>();
  knows<Stripe.InvoiceUpdateParams, typeof invoice.update>();
  knows<Stripe.InvoiceListParams, typeof invoice.filter>();
  knows<Stripe.InvoicePayParams, (typeof invoice.deeds)["pay-invoice"]["input"]>();
  knows<Stripe.InvoiceFinalizeInvoiceParams, (typeof invoice.deeds)["finalize-invoice"]["input"]>();
  // A price stands under `pricing` there.
  knows<Stripe.InvoiceItemCreateParams & { price: unknown }, typeof invoiceItem.create>();
  knows<Stripe.InvoiceItemUpdateParams & { price: unknown }, typeof invoiceItem.update>();
  knows<Stripe.InvoiceItemListParams, typeof invoiceItem.filter>();
  knows<Stripe.SubscriptionCreateParams, typeof subscription.create>();
  knows<Stripe.SubscriptionUpdateParams, typeof subscription.update>();
  knows<Stripe.SubscriptionListParams, typeof subscription.filter>();
  knows<Stripe.SubscriptionCancelParams, (typeof subscription.deeds)["cancel-subscription"]["input"]>();
  knows<Stripe.Checkout.SessionCreateParams, typeof checkoutSession.create>();
  knows<Stripe.Checkout.SessionUpdateParams, typeof checkoutSession.update>();
  knows<Stripe.Checkout.SessionListParams, typeof checkoutSession.filter>();
  knows<Stripe.PaymentLinkCreateParams, typeof paymentLink.create>();
  knows<Stripe.PaymentLinkUpdateParams, typeof paymentLink.update>();
  knows<Stripe.PaymentLinkListParams, typeof paymentLink.filter>();
  knows<Stripe.EventListParams, typeof event.filter>();
  assert.equal(held, 38);
});

/** Fields of Stripe's that may not be there, or null; lists are then empty. */
type Absent<Official, Name extends keyof Official> =
  Record<never, never> extends Pick<Official, Name> ? true : null extends Official[Name] ? true : false;

/** A field of a record that Stripe has not, or that Stripe may leave out where the schema wants it. */
type Mistaken<Official, Field, Schema, Placed> = Field extends Placed
  ? never
  : Snake<Field & string> extends keyof Official
    ? Absent<Official, Snake<Field & string>> extends false
      ? never
      : Schema extends TSchema
        ? Static<Schema> extends readonly unknown[]
          ? never
          : null extends Static<Schema>
            ? never
            : Field
        : never
    : Field;

type Mistakes<Official, Fields, Placed> = {
  [Field in keyof Fields]: Mistaken<Official, Field, Fields[Field], Placed>;
}[keyof Fields];

function reads<Official, Fields, Placed = "updatedAt">(
  ..._mistaken: [Mistakes<Official, Fields, Placed>] extends [never]
    ? []
    : [Mistakes<Official, Fields, Placed>]
) {
  held += 1;
}

test("every field of a record is one that Stripe's client has, and null where that says so", () => {
  held = 0;
  reads<Stripe.Customer, typeof customer.record, keyof typeof customer.places>();
  reads<Stripe.Product, typeof product.record>();
  reads<Stripe.Price, typeof price.record>();
  reads<Stripe.PaymentIntent, typeof paymentIntent.record>();
  reads<Stripe.PaymentIntent, typeof paymentIntent.secrets>();
  reads<Stripe.Charge, typeof charge.record, keyof typeof charge.places>();
  reads<Stripe.Refund, typeof refund.record>();
  reads<Stripe.Invoice, typeof invoice.record, keyof typeof invoice.places>();
  reads<Stripe.InvoiceItem, typeof invoiceItem.record, keyof typeof invoiceItem.places>();
  reads<Stripe.Subscription, typeof subscription.record>();
  reads<Stripe.Checkout.Session, typeof checkoutSession.record>();
  reads<Stripe.Checkout.Session, typeof checkoutSession.secrets>();
  reads<Stripe.PaymentLink, typeof paymentLink.record>();
  reads<Stripe.BalanceTransaction, typeof balanceTransaction.record>();
  reads<Stripe.EventBase, typeof event.record>();
  assert.equal(held, 15);
});

/** The types of Stripe's events, as its client lists them: a new name would be a mistake. */
type Official = Stripe.Event.Type;
type Told = (typeof resourcesWithEvents)[number]["events"][number];
const resourcesWithEvents = [
  customer,
  product,
  price,
  paymentIntent,
  charge,
  refund,
  invoice,
  invoiceItem,
  subscription,
  checkoutSession,
  paymentLink,
];

test("every event is one that Stripe's client has", () => {
  // The compiler asks for the strange one here, where there is one.
  const strange: [Exclude<Told, Official>] extends [never] ? [] : [Exclude<Told, Official>] = [];
  assert.deepEqual(strange, []);
  const others = resources.filter(({ events }) => events.length === 0).map(({ name }) => name);
  assert.deepEqual(others, ["balance-transaction", "event"]);
});
