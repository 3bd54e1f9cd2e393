import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf } from "../../records/change.ts";
import type { Invoice, InvoiceItem, InvoiceLineItem, SubscriptionItem } from "../../records/shapes.ts";
import { listOf } from "../core/page.ts";

/** A draft with its lines and sums as they follow from what belongs to it. */
export function withLines(call: Call, invoice: Invoice): Invoice {
  const ofSubscription = invoice.lines.data.filter(
    ({ parent }) => parent?.type === "subscription_item_details",
  );
  const items = call.all("invoiceitem").filter(({ invoice: of }) => idOf(of) === invoice.id);
  const lines = [...ofSubscription, ...items.map((item) => lineOf(item, invoice.id))];
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  return {
    ...invoice,
    lines: listOf(`/v1/invoices/${invoice.id}/lines`, lines),
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    amount_due: Math.max(total, 0),
    amount_remaining: Math.max(total, 0),
  };
}

function lineOf(item: InvoiceItem, invoice: string): InvoiceLineItem {
  return {
    ...commonOf(invoice, item),
    description: item.description,
    discountable: item.discountable,
    metadata: item.metadata ?? {},
    parent: {
      invoice_item_details: {
        invoice_item: item.id,
        proration: false,
        proration_details: null,
        subscription: null,
      },
      subscription_item_details: null,
      type: "invoice_item_details",
    },
    period: item.period,
    pricing: item.pricing,
    quantity: item.quantity,
    quantity_decimal: item.quantity_decimal,
  };
}

/** What a subscription's item costs for a period. */
export function subscriptionLine(
  call: Call,
  invoice: string,
  item: SubscriptionItem,
  isFree: boolean,
): InvoiceLineItem {
  const quantity = item.quantity ?? 1;
  const amount = isFree ? 0 : (item.price.unit_amount ?? 0) * quantity;
  const product = idOf(item.price.product) ?? "";
  return {
    ...commonOf(invoice, { amount, currency: item.price.currency }),
    description: `${isFree ? "Trial period for " : `${quantity} × `}${call.find("product", product).name}`,
    discountable: true,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription: item.subscription,
        subscription_item: item.id,
      },
      type: "subscription_item_details",
    },
    period: { start: item.current_period_start, end: item.current_period_end },
    pricing: {
      price_details: { price: item.price.id, product },
      type: "price_details",
      unit_amount_decimal: isFree ? "0" : item.price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: String(quantity),
    subscription: item.subscription,
  };
}

function commonOf(invoice: string, { amount, currency }: { amount: number; currency: string }) {
  return {
    id: newStripeId("il"),
    object: "line_item" as const,
    amount,
    currency,
    discount_amounts: [],
    discounts: [],
    invoice,
    livemode: false,
    pretax_credit_amounts: [],
    subscription: null,
    subtotal: amount,
    taxes: [],
  };
}
