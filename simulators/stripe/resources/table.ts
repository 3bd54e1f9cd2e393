import type { Name } from "../records/shapes.ts";
import { invoice } from "./billing/invoice.ts";
import { invoiceItem } from "./billing/invoice-item.ts";
import { subscription } from "./billing/subscription.ts";
import { price } from "./catalog/price.ts";
import { product } from "./catalog/product.ts";
import { paymentLink } from "./checkout/payment-link.ts";
import { checkoutSession } from "./checkout/session.ts";
import type { Expandable } from "./core/expand.ts";
import type { Resource } from "./core/resource.ts";
import { customer } from "./customers/customer.ts";
import { event } from "./events/event.ts";
import { webhookEndpoint } from "./events/webhook-endpoint.ts";
import { balanceTransaction } from "./payments/balance-transaction.ts";
import { charge } from "./payments/charge.ts";
import { paymentIntent } from "./payments/payment-intent.ts";
import { paymentMethod } from "./payments/payment-method.ts";
import { refund } from "./payments/refund.ts";

/** Everything the simulator has, as a table of tables. */
const table: { readonly [Of in Name]: Resource<Of> } = {
  customer,
  product,
  price,
  payment_method: paymentMethod,
  payment_intent: paymentIntent,
  charge,
  refund,
  balance_transaction: balanceTransaction,
  invoiceitem: invoiceItem,
  invoice,
  subscription,
  "checkout.session": checkoutSession,
  payment_link: paymentLink,
  webhook_endpoint: webhookEndpoint,
  event,
};

// What a resource's own functions are handed is of that resource: the routes look after that.
export const resources = Object.values(table) as unknown as readonly Resource<Name>[];

/** Things that stand within others, and have references of their own. */
const nested: { readonly [object: string]: Expandable["references"] } = {
  subscription_item: {},
  item: {},
  line_item: {},
  plan: { product: "product" },
};

export function expandableOf(object: string): Expandable | undefined {
  const references = nested[object];
  if (references) return { references, included: {} };
  const found = resources.find(({ name }) => name === object);
  return found && { references: found.references, included: found.included ?? {} };
}
