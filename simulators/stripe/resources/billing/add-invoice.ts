import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf, mergeMetadata } from "../../records/change.ts";
import type { Invoice } from "../../records/shapes.ts";
import { listOf } from "../core/page.ts";
import { withLines } from "./invoice-lines.ts";

const daySeconds = 86_400;

export type NewInvoice = Stripe.InvoiceCreateParams & {
  billing_reason?: Invoice["billing_reason"];
  parent?: Invoice["parent"];
};

/** A draft; `invoice.created` is told. */
export function addInvoice(call: Call, params: NewInvoice): Invoice {
  const customer = call.find("customer", params.customer ?? "", "customer");
  const method = params.collection_method ?? "charge_automatically";
  if (method === "send_invoice" && params.days_until_due === undefined && params.due_date === undefined)
    throw invalidRequest(
      400,
      undefined,
      "If invoices are sent, you must specify either `days_until_due` or `due_date`.",
      "due_date",
    );
  const id = newStripeId("in");
  const pending = call
    .all("invoiceitem")
    .filter((item) => idOf(item.invoice) === null && idOf(item.customer) === customer.id);
  if (params.pending_invoice_items_behavior === "include" || params.billing_reason)
    for (const item of pending) call.save("invoiceitem", { ...item, invoice: id });
  const draft: Invoice = {
    id,
    object: "invoice",
    account_country: "US",
    account_name: "Plugboard",
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: params.auto_advance ?? false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: params.billing_reason ?? "manual",
    collection_method: method,
    created: call.now,
    currency: params.currency ?? pending[0]?.currency ?? customer.currency ?? "usd",
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: (customer.shipping as Invoice["customer_shipping"]) ?? null,
    customer_tax_exempt: customer.tax_exempt ?? "none",
    customer_tax_ids: [],
    default_payment_method: params.default_payment_method ?? null,
    default_source: null,
    default_tax_rates: [],
    description: params.description ?? null,
    discounts: [],
    due_date:
      params.due_date ??
      (params.days_until_due === undefined ? null : call.now + params.days_until_due * daySeconds),
    effective_at: null,
    ending_balance: null,
    footer: params.footer ?? null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: listOf(`/v1/invoices/${id}/lines`, []),
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    next_payment_attempt: null,
    number: params.number ?? null,
    on_behalf_of: null,
    parent: params.parent ?? null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: call.now,
    period_start: call.now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: params.statement_descriptor ?? null,
    status: "draft",
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
  return call.save("invoice", withLines(call, draft), "invoice.created");
}
