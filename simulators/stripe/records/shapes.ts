import type Stripe from "stripe";

/** As it is on the wire, where Stripe's client reads a decimal. */
type Wire<Shape, Decimals extends keyof Shape> = Omit<Shape, Decimals> & {
  [Name in Decimals]: string | null;
};

export type Price = Wire<Stripe.Price, "unit_amount_decimal">;
export type Plan = Wire<Stripe.Plan, "amount_decimal">;
export type SubscriptionItem = Omit<Stripe.SubscriptionItem, "price" | "plan"> & { price: Price; plan: Plan };
export type Subscription = Omit<Stripe.Subscription, "items"> & { items: Stripe.ApiList<SubscriptionItem> };
export type InvoicePricing = Wire<Stripe.InvoiceLineItem.Pricing, "unit_amount_decimal">;
export type InvoiceItem = Wire<Omit<Stripe.InvoiceItem, "pricing">, "quantity_decimal"> & {
  pricing: InvoicePricing | null;
};
export type InvoiceLineItem = Wire<Omit<Stripe.InvoiceLineItem, "pricing">, "quantity_decimal"> & {
  pricing: InvoicePricing | null;
};
export type Invoice = Omit<Stripe.Invoice, "lines"> & { lines: Stripe.ApiList<InvoiceLineItem> };
export type LineItem = Omit<Stripe.LineItem, "price"> & { price: Price };

/**
 * What each resource's records look like: the types that Stripe generates from its own description of the API, so that
 * the compiler holds every record here against them.
 */
export interface Shapes {
  customer: Stripe.Customer;
  product: Stripe.Product;
  price: Price;
  payment_method: Stripe.PaymentMethod;
  payment_intent: Stripe.PaymentIntent;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  balance_transaction: Stripe.BalanceTransaction;
  invoiceitem: InvoiceItem;
  invoice: Invoice;
  subscription: Subscription;
  "checkout.session": Stripe.Checkout.Session;
  payment_link: Stripe.PaymentLink;
  webhook_endpoint: Stripe.WebhookEndpoint;
  event: StoredEvent;
}

export type Name = keyof Shapes;

/** Any record, where it does not matter of which resource. */
export interface AnyRecord {
  id: string;
  object: string;
  [field: string]: unknown;
}

export interface StoredEvent {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  data: { object: AnyRecord; previous_attributes?: { [field: string]: unknown } };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}
