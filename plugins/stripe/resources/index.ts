import type { Resource } from "../resource/resource.ts";
import { balanceTransaction } from "./balance.ts";
import { charge } from "./charge.ts";
import { checkoutSession } from "./checkout-session.ts";
import { customer } from "./customer.ts";
import { event } from "./event.ts";
import { invoice } from "./invoice.ts";
import { invoiceItem } from "./invoice-item.ts";
import { paymentIntent } from "./payment-intent.ts";
import { paymentLink } from "./payment-link.ts";
import { price } from "./price.ts";
import { product } from "./product.ts";
import { refund } from "./refund.ts";
import { subscription } from "./subscription.ts";

export { getBalance } from "./balance.ts";
export { charge, checkoutSession, customer, event, invoice, paymentIntent, refund, subscription };

/** Everything that this plugin knows of. */
export const resources: readonly Resource[] = [
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
  balanceTransaction,
  event,
];
