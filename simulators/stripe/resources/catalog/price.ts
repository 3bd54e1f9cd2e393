import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import type { Price } from "../../records/shapes.ts";
import { string, token } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import { boolean, choice, hash, list, metadata, priceData, productData } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addProduct } from "./product.ts";

const fields = {
  active: boolean,
  lookup_key: text(200),
  metadata,
  nickname: text(5000),
  tax_behavior: choice("exclusive", "inclusive", "unspecified"),
  transfer_lookup_key: boolean,
} as const;

/** https://docs.stripe.com/api/prices. Tiers and prices that buyers choose are not simulated. */
export const price = defineResource<"price">({
  name: "price",
  path: "/v1/prices",
  permission: "plan",
  create: operation<Stripe.PriceCreateParams, Price>({
    params: { ...fields, ...(priceData.kind === "hash" && priceData.fields), product_data: productData },
    required: ["currency"],
    run: addPrice,
  }),
  update: operation<Stripe.PriceUpdateParams, Price, [Price]>({
    params: fields,
    run(call, params, before) {
      if (params.lookup_key) takeLookupKey(call, params.lookup_key, params.transfer_lookup_key, before.id);
      return call.save(
        "price",
        {
          ...before,
          ...given(params, "active", "lookup_key", "nickname", "tax_behavior"),
          metadata: mergeMetadata(before.metadata, params.metadata),
        },
        "price.updated",
      );
    },
  }),
  list: {
    filters: {
      active: equal("active", boolean),
      created,
      currency: equal("currency"),
      lookup_keys: {
        kind: list(text(200)),
        fits: ({ lookup_key }, keys) => Array.isArray(keys) && keys.includes(lookup_key),
      },
      product: equal("product"),
      recurring: {
        kind: hash({ interval: choice("day", "week", "month", "year") }),
        fits: ({ recurring }, wanted) => recurring?.interval === (wanted as { interval?: string }).interval,
      },
      type: equal("type", choice("one_time", "recurring")),
    },
  },
  search: { active: token, currency: token, lookup_key: string, product: token, type: token },
  references: { product: "product" },
});

export function addPrice(call: Call, params: Stripe.PriceCreateParams): Price {
  if ((params.product === undefined) === (params.product_data === undefined))
    throw invalidRequest(
      400,
      "parameter_missing",
      "You must specify either `product` or `product_data` when creating a price.",
      "product",
    );
  if (params.unit_amount === undefined && params.unit_amount_decimal === undefined)
    throw invalidRequest(
      400,
      "parameter_missing",
      "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
      "unit_amount",
    );
  const product = params.product_data
    ? addProduct(call, params.product_data as Stripe.ProductCreateParams)
    : call.find("product", params.product ?? "", "product");
  const id = newStripeId("price");
  if (params.lookup_key) takeLookupKey(call, params.lookup_key, params.transfer_lookup_key, id);
  const decimal = params.unit_amount_decimal === undefined ? undefined : String(params.unit_amount_decimal);
  return call.save(
    "price",
    {
      id,
      object: "price",
      active: params.active ?? true,
      billing_scheme: "per_unit",
      created: call.now,
      currency: params.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: params.lookup_key ?? null,
      metadata: mergeMetadata({}, params.metadata),
      nickname: params.nickname ?? null,
      product: product.id,
      recurring: params.recurring
        ? {
            interval: params.recurring.interval,
            interval_count: params.recurring.interval_count ?? 1,
            meter: null,
            trial_period_days: null,
            usage_type: "licensed",
          }
        : null,
      tax_behavior: params.tax_behavior ?? "unspecified",
      tiers_mode: null,
      transform_quantity: null,
      type: params.recurring ? "recurring" : "one_time",
      unit_amount:
        params.unit_amount ?? (decimal && Number.isInteger(Number(decimal)) ? Number(decimal) : null),
      unit_amount_decimal: decimal ?? String(params.unit_amount),
    },
    "price.created",
  );
}

/** A lookup key is one price's only; it may be taken over. */
function takeLookupKey(call: Call, key: string, isTransferred: boolean | undefined, by: string): void {
  const holder = call.all("price").find(({ id, lookup_key }) => lookup_key === key && id !== by);
  if (!holder) return;
  if (!isTransferred)
    throw invalidRequest(
      400,
      "resource_already_exists",
      `A price (\`${holder.id}\`) already uses that lookup key.`,
      "lookup_key",
    );
  call.save("price", { ...holder, lookup_key: null }, "price.updated");
}
