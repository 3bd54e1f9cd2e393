import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { text } from "../../params/kinds.ts";
import { given, idOf, mergeMetadata } from "../../records/change.ts";
import type { AnyRecord, Invoice } from "../../records/shapes.ts";
import { numeric, string, token } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import { boolean, choice, currency, integer, metadata, reference } from "../core/kinds.ts";
import { listOf } from "../core/page.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addInvoice } from "./add-invoice.ts";
import {
  finalizeInvoice,
  markUncollectible,
  payInvoice,
  refuseUnless,
  voidInvoice,
} from "./invoice-states.ts";

const fields = {
  auto_advance: boolean,
  collection_method: choice("charge_automatically", "send_invoice"),
  days_until_due: { kind: "integer", min: 0 },
  default_payment_method: reference,
  description: text(5000),
  due_date: integer,
  footer: text(5000),
  metadata,
  number: text(26),
  statement_descriptor: text(22),
} as const;

/** https://docs.stripe.com/api/invoices. Taxes, discounts and credit notes are not simulated. */
export const invoice = defineResource<"invoice">({
  name: "invoice",
  path: "/v1/invoices",
  permission: "invoice",
  create: operation<Stripe.InvoiceCreateParams, Invoice>({
    params: {
      ...fields,
      currency,
      customer: reference,
      pending_invoice_items_behavior: choice("exclude", "include"),
    },
    required: ["customer"],
    run: addInvoice,
  }),
  update: operation<Stripe.InvoiceUpdateParams, Invoice, [Invoice]>({
    params: fields,
    run(call, params, before) {
      const isFinal = before.status !== "draft";
      const refused = Object.keys(params).find(
        (name) => !["metadata", "auto_advance", "default_payment_method"].includes(name),
      );
      if (isFinal && refused)
        throw invalidRequest(
          400,
          "invoice_not_editable",
          `Finalized invoices can't be updated in this way (${refused}).`,
          refused,
        );
      return call.save(
        "invoice",
        {
          ...before,
          ...(given(
            params,
            "auto_advance",
            "collection_method",
            "default_payment_method",
            "description",
            "due_date",
            "footer",
            "number",
            "statement_descriptor",
          ) as Partial<Invoice>),
          metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
        },
        "invoice.updated",
      );
    },
  }),
  remove: operation<object, object, [Invoice]>({
    params: {},
    run(call, _params, before) {
      refuseUnless(
        before,
        ["draft"],
        "You can only delete draft invoices. To get rid of invoices that aren't drafts, use the void endpoint.",
      );
      for (const item of call.all("invoiceitem").filter(({ invoice: of }) => idOf(of) === before.id))
        call.remove("invoiceitem", item);
      call.remove("invoice", before, "invoice.deleted");
      return { id: before.id, object: "invoice", deleted: true };
    },
  }),
  actions: {
    finalize: operation<Stripe.InvoiceFinalizeInvoiceParams, Invoice, [Invoice]>({
      params: { auto_advance: boolean },
      run: (call, params, before) =>
        finalizeInvoice(call, { ...before, ...(given(params, "auto_advance") as Partial<Invoice>) }),
    }),
    pay: operation<Stripe.InvoicePayParams, Invoice, [Invoice]>({
      params: {
        forgive: boolean,
        off_session: boolean,
        paid_out_of_band: boolean,
        payment_method: reference,
      },
      run: payInvoice,
    }),
    send: operation<object, Invoice, [Invoice]>({
      params: {},
      run(call, _params, before) {
        const open = before.status === "draft" ? finalizeInvoice(call, before) : before;
        refuseUnless(open, ["open", "paid"], "You can only manually send an invoice that is open.");
        return call.save("invoice", open, "invoice.sent");
      },
    }),
    void: operation<object, Invoice, [Invoice]>({
      params: {},
      run: (call, _params, before) => voidInvoice(call, before),
    }),
    mark_uncollectible: operation<object, Invoice, [Invoice]>({
      params: {},
      run: (call, _params, before) => markUncollectible(call, before),
    }),
  },
  list: {
    filters: {
      collection_method: equal("collection_method"),
      created,
      customer: equal("customer"),
      status: equal("status", choice("draft", "open", "paid", "uncollectible", "void")),
      subscription: {
        kind: reference,
        fits: ({ parent }, id) => idOf(parent?.subscription_details?.subscription) === id,
      },
    },
  },
  search: {
    created: numeric,
    currency: token,
    customer: token,
    number: string,
    receipt_number: string,
    status: token,
    subscription: { type: "token", at: "parent.subscription_details.subscription" },
    total: numeric,
  },
  parts: { lines: (_call, { lines }) => lines.data as unknown as AnyRecord[] },
  references: {
    customer: "customer",
    default_payment_method: "payment_method",
    subscription: "subscription",
  },
  included: {
    payments: (call, { id }) =>
      listOf(
        "/v1/invoice_payments",
        call
          .all("payment_intent")
          .filter((intent) => intent.status === "succeeded" && intent.metadata.invoice === id)
          .map((intent) => ({
            object: "invoice_payment",
            invoice: id,
            status: "paid",
            payment: { type: "payment_intent", payment_intent: intent.id },
          })),
      ),
  },
});
