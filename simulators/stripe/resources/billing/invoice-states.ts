import type Stripe from "stripe";
import { invalidRequest, StripeApiError } from "../../errors.ts";
import { randomText } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf } from "../../records/change.ts";
import type { Invoice } from "../../records/shapes.ts";
import { addIntent } from "../payments/add-intent.ts";
import { confirmIntent } from "../payments/intent-states.ts";

/** When Stripe tries a declined invoice again. */
const nextAttemptSeconds = 3 * 86_400;

/** A draft becomes an invoice with a number, to be paid. One over nothing is paid by that. */
export function finalizeInvoice(call: Call, draft: Invoice): Invoice {
  refuseUnless(
    draft,
    ["draft"],
    "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
  );
  const customer = call.find("customer", idOf(draft.customer) ?? "");
  const sequence = customer.next_invoice_sequence ?? 1;
  call.save("customer", {
    ...customer,
    next_invoice_sequence: sequence + 1,
    currency: customer.currency ?? draft.currency,
  });
  const page = `https://invoice.stripe.com/i/${call.account.id}/test_${randomText(40)}`;
  const open = call.save(
    "invoice",
    {
      ...draft,
      status: "open",
      number: draft.number ?? `${customer.invoice_prefix}-${String(sequence).padStart(4, "0")}`,
      effective_at: call.now,
      ending_balance: 0,
      hosted_invoice_url: `${page}?s=ap`,
      invoice_pdf: `${page}/pdf?s=ap`,
      status_transitions: { ...draft.status_transitions, finalized_at: call.now },
    },
    "invoice.finalized",
  );
  return open.amount_due === 0 ? settle(call, open, 0) : open;
}

/** @throws {StripeApiError} 402 when the card is declined; the invoice stays open */
export function payInvoice(call: Call, params: Stripe.InvoicePayParams, before: Invoice): Invoice {
  const invoice = before.status === "draft" ? finalizeInvoice(call, before) : before;
  if (invoice.status === "paid" && before.status === "draft") return invoice;
  if (invoice.status === "paid") throw invalidRequest(400, "invoice_already_paid", "Invoice is already paid");
  refuseUnless(
    invoice,
    ["open", "uncollectible"],
    "You can only pay invoices that are open or uncollectible.",
  );
  if (params.paid_out_of_band) return settle(call, invoice, invoice.amount_due);
  const customer = call.find("customer", idOf(invoice.customer) ?? "");
  const method =
    params.payment_method ??
    idOf(invoice.default_payment_method) ??
    idOf(customer.invoice_settings.default_payment_method);
  if (!method)
    throw invalidRequest(
      400,
      undefined,
      "There is no `default_payment_method` set on this Customer or Invoice. Please set a `default_payment_method` to charge the invoice, or pass `payment_method`.",
    );
  const attempted = { ...invoice, attempted: true, attempt_count: invoice.attempt_count + 1 };
  try {
    payFor(call, attempted, customer.id, method);
  } catch (error) {
    if (error instanceof StripeApiError && error.body.type === "card_error")
      call.save(
        "invoice",
        { ...attempted, next_payment_attempt: attempted.auto_advance ? call.now + nextAttemptSeconds : null },
        "invoice.payment_failed",
      );
    throw error;
  }
  return settle(call, attempted, attempted.amount_due);
}

function payFor(call: Call, invoice: Invoice, customer: string, method: string): Stripe.PaymentIntent {
  const intent = addIntent(call, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer,
    description: `Payment for Invoice ${invoice.number}`,
    allowed_payment_method_types: ["card"],
    metadata: { invoice: invoice.id },
  });
  return confirmIntent(call, intent, { payment_method: method, off_session: true });
}

export function voidInvoice(call: Call, invoice: Invoice): Invoice {
  refuseUnless(
    invoice,
    ["open", "uncollectible"],
    `You can only pass in open invoices. This invoice isn't open.`,
  );
  return call.save(
    "invoice",
    {
      ...invoice,
      status: "void",
      status_transitions: { ...invoice.status_transitions, voided_at: call.now },
    },
    "invoice.voided",
  );
}

export function markUncollectible(call: Call, invoice: Invoice): Invoice {
  refuseUnless(invoice, ["open"], `You can only pass in open invoices. This invoice isn't open.`);
  const status_transitions = { ...invoice.status_transitions, marked_uncollectible_at: call.now };
  return call.save(
    "invoice",
    { ...invoice, status: "uncollectible", status_transitions },
    "invoice.marked_uncollectible",
  );
}

export function refuseUnless(invoice: Invoice, statuses: string[], message: string): void {
  if (!statuses.includes(invoice.status ?? "")) throw invalidRequest(400, undefined, message);
}

function settle(call: Call, invoice: Invoice, paid: number): Invoice {
  const settled: Invoice = {
    ...invoice,
    status: "paid",
    amount_paid: paid,
    amount_remaining: 0,
    attempted: true,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at: call.now },
  };
  call.save("invoice", settled, "invoice.paid");
  return call.save("invoice", settled, "invoice.payment_succeeded");
}
