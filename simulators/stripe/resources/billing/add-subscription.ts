import type Stripe from "stripe";
import { invalidRequest, StripeApiError } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf, mergeMetadata } from "../../records/change.ts";
import type { Subscription } from "../../records/shapes.ts";
import { listOf } from "../core/page.ts";
import { addInvoice } from "./add-invoice.ts";
import { subscriptionLine, withLines } from "./invoice-lines.ts";
import { finalizeInvoice, payInvoice } from "./invoice-states.ts";
import { type GivenItem, itemOf } from "./subscription-items.ts";

const daySeconds = 86_400;

/** A subscription with its first invoice, which is paid at once if it can be. */
export function addSubscription(call: Call, params: Stripe.SubscriptionCreateParams): Subscription {
  const customer = call.find("customer", params.customer ?? "", "customer");
  const id = newStripeId("sub");
  const trialEnd = trialEndOf(call, params);
  const period = trialEnd === null ? undefined : { start: call.now, end: trialEnd };
  const items = (params.items ?? []).map((item, index) => itemOf(call, id, item as GivenItem, index, period));
  const [first] = items;
  if (!first) throw invalidRequest(400, "parameter_missing", "Missing required param: items.", "items");
  const isSent = params.collection_method === "send_invoice";
  const method = params.default_payment_method ?? idOf(customer.invoice_settings.default_payment_method);
  const waits = params.payment_behavior === "default_incomplete";
  if (!method && !isSent && !waits && trialEnd === null)
    throw invalidRequest(
      400,
      "resource_missing",
      "This customer has no attached payment source or default payment method. Please consider adding a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    );
  const draft: Subscription = {
    ...emptySubscription,
    id,
    billing_cycle_anchor: trialEnd ?? call.now,
    cancel_at:
      typeof params.cancel_at === "number"
        ? params.cancel_at
        : params.cancel_at_period_end
          ? first.current_period_end
          : null,
    cancel_at_period_end: params.cancel_at_period_end ?? false,
    collection_method: params.collection_method ?? "charge_automatically",
    created: call.now,
    currency: first.price.currency,
    customer: customer.id,
    days_until_due: params.days_until_due ?? null,
    default_payment_method: params.default_payment_method ?? null,
    description: params.description ?? null,
    items: listOf(`/v1/subscription_items?subscription=${id}`, items),
    metadata: mergeMetadata({}, params.metadata || undefined),
    start_date: call.now,
    status: trialEnd === null ? "incomplete" : "trialing",
    trial_end: trialEnd,
    trial_start: trialEnd === null ? null : call.now,
  };
  const invoice = firstInvoice(call, draft, trialEnd !== null, params);
  const created = { ...draft, latest_invoice: invoice.id };
  if (trialEnd !== null || isSent) {
    finalizeInvoice(call, invoice);
    return tell(call, { ...created, status: trialEnd === null ? "active" : "trialing" });
  }
  if (waits) {
    finalizeInvoice(call, invoice);
    return tell(call, created);
  }
  try {
    payInvoice(call, method ? { payment_method: method } : {}, invoice);
    return tell(call, { ...created, status: "active" });
  } catch (error) {
    if (!(error instanceof StripeApiError) || params.payment_behavior === "error_if_incomplete") throw error;
    return tell(call, created);
  }
}

const tell = (call: Call, subscription: Subscription): Subscription =>
  call.save("subscription", subscription, "customer.subscription.created");

function trialEndOf(
  call: Call,
  { trial_end, trial_period_days }: Stripe.SubscriptionCreateParams,
): number | null {
  if (typeof trial_end === "number") return trial_end;
  return trial_period_days === undefined ? null : call.now + trial_period_days * daySeconds;
}

function firstInvoice(
  call: Call,
  { id, customer, metadata, items, collection_method, currency }: Subscription,
  isTrial: boolean,
  params: Stripe.SubscriptionCreateParams,
) {
  const invoice = addInvoice(call, {
    customer: idOf(customer) ?? "",
    collection_method,
    currency,
    auto_advance: true,
    billing_reason: "subscription_create",
    ...(params.days_until_due !== undefined && { days_until_due: params.days_until_due }),
    parent: {
      quote_details: null,
      subscription_details: { metadata, subscription: id },
      type: "subscription_details",
    },
  });
  const lines = items.data.map((item) => subscriptionLine(call, invoice.id, item, isTrial));
  return call.save("invoice", withLines(call, { ...invoice, lines: { ...invoice.lines, data: lines } }));
}

const emptySubscription = {
  object: "subscription",
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor_config: null,
  billing_mode: { flexible: null, type: "flexible" },
  billing_schedules: [],
  billing_thresholds: null,
  canceled_at: null,
  cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
  customer_account: null,
  default_source: null,
  default_tax_rates: [],
  discounts: [],
  ended_at: null,
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: "self" },
  },
  latest_invoice: null,
  livemode: false,
  managed_payments: null,
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: "off",
  },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: "create_invoice" } },
} as const satisfies Partial<Subscription>;
