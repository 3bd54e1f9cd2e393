import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf } from "../../records/change.ts";
import type { LineItem, Price } from "../../records/shapes.ts";
import { addPrice } from "../catalog/price.ts";

/** The price that a line names, or describes. */
export function usePrice(
  call: Call,
  line: { price?: string | undefined; price_data?: object | undefined },
  param = "price",
): Price {
  if (line.price_data) return addPrice(call, line.price_data as Stripe.PriceCreateParams);
  if (!line.price) throw invalidRequest(400, "parameter_missing", `Missing required param: ${param}.`, param);
  const price = call.find("price", line.price, param);
  if (!price.active)
    throw invalidRequest(
      400,
      "resource_missing",
      `The price specified is inactive. This field only accepts active prices.`,
      param,
    );
  return price;
}

/** What is bought in a checkout session or through a payment link. */
export function lineItemsOf(
  call: Call,
  lines: { price?: string; price_data?: object; quantity?: number }[],
): LineItem[] {
  return lines.map((line, index) => {
    const price = usePrice(call, line, `line_items[${index}][price]`);
    const quantity = line.quantity ?? 1;
    const total = (price.unit_amount ?? 0) * quantity;
    return {
      id: newStripeId("li"),
      object: "item",
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: total,
      amount_tax: 0,
      amount_total: total,
      currency: price.currency,
      description: call.find("product", idOf(price.product) ?? "").name,
      metadata: {},
      price,
      quantity,
    };
  });
}
