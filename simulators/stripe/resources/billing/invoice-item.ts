import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, idOf, mergeMetadata } from "../../records/change.ts";
import type { InvoiceItem } from "../../records/shapes.ts";
import { created, equal } from "../core/filters.ts";
import { boolean, currency, hash, integer, metadata, priceData, reference } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { withLines } from "./invoice-lines.ts";
import { usePrice } from "./line-price.ts";

const fields = {
  amount: integer,
  description: text(5000),
  discountable: boolean,
  metadata,
  period: hash({ start: integer, end: integer }, "start", "end"),
  price_data: priceData,
  pricing: hash({ price: reference }),
  quantity: { kind: "integer", min: 0 },
} as const;

/** https://docs.stripe.com/api/invoiceitems */
export const invoiceItem = defineResource<"invoiceitem">({
  name: "invoiceitem",
  path: "/v1/invoiceitems",
  permission: "invoice",
  create: operation<Stripe.InvoiceItemCreateParams, InvoiceItem>({
    params: { ...fields, currency, customer: reference, invoice: reference, subscription: reference },
    required: ["customer"],
    run: addInvoiceItem,
  }),
  update: operation<Stripe.InvoiceItemUpdateParams, InvoiceItem, [InvoiceItem]>({
    params: fields,
    run(call, params, before) {
      refuseIfFinal(call, before);
      const quantity = params.quantity ?? before.quantity;
      const amount =
        params.amount ?? (params.quantity ? (before.amount / before.quantity) * quantity : before.amount);
      const changed = call.save("invoiceitem", {
        ...before,
        ...(given(params, "description", "discountable", "period") as Partial<InvoiceItem>),
        amount,
        net_amount: amount,
        quantity,
        quantity_decimal: String(quantity),
        metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
      });
      refreshInvoice(call, changed);
      return changed;
    },
  }),
  remove: operation<object, object, [InvoiceItem]>({
    params: {},
    run(call, _params, before) {
      refuseIfFinal(call, before);
      call.remove("invoiceitem", before, "invoiceitem.deleted");
      refreshInvoice(call, before);
      return { id: before.id, object: "invoiceitem", deleted: true };
    },
  }),
  list: {
    filters: {
      created: {
        kind: created.kind,
        fits: ({ date }, value) => created.fits?.({ created: date }, value) ?? true,
      },
      customer: equal("customer"),
      invoice: equal("invoice"),
      pending: { kind: boolean, fits: ({ invoice }, isPending) => (invoice === null) === isPending },
    },
  },
  references: { customer: "customer", invoice: "invoice" },
});

function addInvoiceItem(call: Call, params: Stripe.InvoiceItemCreateParams): InvoiceItem {
  const customer = call.find("customer", params.customer ?? "", "customer");
  if (params.invoice) {
    const invoice = call.find("invoice", params.invoice, "invoice");
    if (invoice.status !== "draft")
      throw invalidRequest(400, "invoice_not_editable", "This invoice is no longer editable", "invoice");
  }
  const priced = params.pricing?.price || params.price_data;
  if (!priced && params.amount === undefined)
    throw invalidRequest(
      400,
      "parameter_missing",
      "You must pass either `amount`, `pricing`, or `price_data` when creating an invoice item.",
      "amount",
    );
  const price = priced
    ? usePrice(call, { price: params.pricing?.price, price_data: params.price_data })
    : null;
  const quantity = params.quantity ?? 1;
  const amount = price ? (price.unit_amount ?? 0) * quantity : (params.amount ?? 0);
  const added = call.save(
    "invoiceitem",
    {
      id: newStripeId("ii"),
      object: "invoiceitem",
      amount,
      currency: price?.currency ?? params.currency ?? "usd",
      customer: customer.id,
      customer_account: null,
      date: call.now,
      description: params.description ?? (price ? nameOf(call, idOf(price.product)) : null),
      discountable: params.discountable ?? true,
      discounts: [],
      invoice: params.invoice ?? null,
      livemode: false,
      metadata: mergeMetadata({}, params.metadata),
      net_amount: amount,
      parent: null,
      period: params.period ?? { start: call.now, end: call.now },
      pricing: price
        ? {
            price_details: { price: price.id, product: idOf(price.product) ?? "" },
            type: "price_details",
            unit_amount_decimal: price.unit_amount_decimal,
          }
        : null,
      proration: false,
      quantity,
      quantity_decimal: String(quantity),
      tax_rates: [],
      test_clock: null,
    },
    "invoiceitem.created",
  );
  refreshInvoice(call, added);
  return added;
}

function nameOf(call: Call, productId: string | null): string | null {
  return productId === null ? null : call.find("product", productId).name;
}

function refreshInvoice(call: Call, { invoice }: InvoiceItem): void {
  const id = idOf(invoice);
  if (id !== null) call.save("invoice", withLines(call, call.find("invoice", id)), "invoice.updated");
}

function refuseIfFinal(call: Call, { invoice }: InvoiceItem): void {
  const id = idOf(invoice);
  if (id !== null && call.find("invoice", id).status !== "draft")
    throw invalidRequest(
      400,
      "invoice_not_editable",
      "This invoice item cannot be changed: its invoice was finalized.",
    );
}
