import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import type { Call } from "../../records/call.ts";
import { idOf } from "../../records/change.ts";
import { addSubscription } from "../billing/add-subscription.ts";
import { addCustomer } from "../customers/customer.ts";
import { addIntent } from "../payments/add-intent.ts";
import { confirmIntent } from "../payments/intent-states.ts";

/** What buyers do on pages of Stripe's, and no request of the API. */
export interface Buyer {
  /** Pays on the page of a checkout session. @throws when the card is declined: the session stays open */
  pay(sessionId: string, paymentMethod?: string): void;
  /** Agrees at the bank to a payment that waits for it (3D Secure). */
  authenticate(paymentIntentId: string): void;
}

export function paySession(call: Call, sessionId: string, paymentMethod: string): void {
  const session = call.find("checkout.session", sessionId);
  if (session.status !== "open")
    throw invalidRequest(400, undefined, `Nobody can pay a session that is ${session.status}.`);
  const customer = customerOf(call, session);
  const paid = session.mode === "payment" && payOnce(call, session, customer, paymentMethod);
  const subscription =
    session.mode === "subscription" && customer && subscribe(call, session, customer, paymentMethod);
  call.save(
    "checkout.session",
    {
      ...session,
      status: "complete",
      payment_status: session.mode === "setup" ? "no_payment_required" : "paid",
      customer,
      url: null,
      payment_intent: paid ? paid.id : null,
      subscription: subscription ? subscription.id : null,
      invoice: subscription ? idOf(subscription.latest_invoice) : null,
    },
    "checkout.session.completed",
  );
}

/** With 3D Secure, agreed to at the bank. */
export function authenticateIntent(call: Call, id: string): void {
  const intent = call.find("payment_intent", id);
  if (intent.status !== "requires_action")
    throw invalidRequest(400, undefined, `There is nothing to agree to: its status is ${intent.status}.`);
  confirmIntent(call, intent, { agreed: true });
}

function customerOf(call: Call, session: Stripe.Checkout.Session): string | null {
  const known = idOf(session.customer);
  if (known !== null || (session.mode === "payment" && session.customer_creation !== "always")) return known;
  return addCustomer(call, session.customer_email ? { email: session.customer_email } : {}).id;
}

function payOnce(
  call: Call,
  session: Stripe.Checkout.Session,
  customer: string | null,
  paymentMethod: string,
) {
  const intent = addIntent(call, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? "usd",
    allowed_payment_method_types: ["card"],
    ...(customer !== null && { customer }),
  });
  return confirmIntent(call, intent, {
    payment_method: paymentMethod,
    agreed: paymentMethod === "pm_card_threeDSecure2Required",
  });
}

function subscribe(call: Call, session: Stripe.Checkout.Session, customer: string, paymentMethod: string) {
  const items = call.account.lineItems.get(session.id) ?? [];
  return addSubscription(call, {
    customer,
    default_payment_method: paymentMethod,
    payment_behavior: "error_if_incomplete",
    items: items.map(({ price, quantity }) => ({ price: price.id, quantity: quantity ?? 1 })),
  });
}
