import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import { string, token } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import {
  amount,
  boolean,
  choice,
  currency,
  hash,
  list,
  metadata,
  recurring,
  reference,
  url,
} from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addPrice } from "./price.ts";

const fields = {
  active: boolean,
  description: text(40_000),
  images: list(url),
  marketing_features: list(hash({ name: text(80) }, "name")),
  metadata,
  name: text(5000),
  shippable: boolean,
  statement_descriptor: text(22),
  tax_code: reference,
  unit_label: text(12),
  url,
} as const;

const copied = [
  "active",
  "description",
  "marketing_features",
  "name",
  "shippable",
  "statement_descriptor",
  "tax_code",
  "unit_label",
  "url",
] as const;

/** https://docs.stripe.com/api/products */
export const product = defineResource<"product">({
  name: "product",
  path: "/v1/products",
  permission: "product",
  create: operation<Stripe.ProductCreateParams, Stripe.Product>({
    params: {
      ...fields,
      id: text(5000),
      default_price_data: hash(
        {
          currency,
          unit_amount: amount,
          recurring,
          tax_behavior: choice("exclusive", "inclusive"),
          metadata,
        },
        "currency",
      ),
    },
    required: ["name"],
    run: addProduct,
  }),
  update: operation<Stripe.ProductUpdateParams, Stripe.Product, [Stripe.Product]>({
    params: { ...fields, default_price: reference },
    run(call, params, before) {
      if (params.default_price) call.find("price", params.default_price, "default_price");
      return call.save(
        "product",
        {
          ...before,
          ...given(params, ...copied, "default_price"),
          images: params.images === undefined ? before.images : params.images || [],
          metadata: mergeMetadata(before.metadata, params.metadata),
          updated: call.now,
        },
        "product.updated",
      );
    },
  }),
  remove: operation<object, object, [Stripe.Product]>({
    params: {},
    run(call, _params, before) {
      if (call.all("price").some(({ product }) => product === before.id))
        throw invalidRequest(
          400,
          undefined,
          "This product cannot be deleted because it has one or more user-created prices.",
        );
      call.remove("product", before, "product.deleted");
      return { id: before.id, object: "product", deleted: true };
    },
  }),
  list: {
    filters: {
      active: equal("active", boolean),
      created,
      ids: { kind: list(reference), fits: ({ id }, ids) => Array.isArray(ids) && ids.includes(id) },
      shippable: equal("shippable", boolean),
      url: equal("url"),
    },
  },
  search: { active: token, description: string, name: string, shippable: token, url: string },
  references: { default_price: "price" },
});

export function addProduct(call: Call, params: Stripe.ProductCreateParams): Stripe.Product {
  if (params.id && call.all("product").some(({ id }) => id === params.id))
    throw invalidRequest(400, "resource_already_exists", `Product already exists.`, "id");
  const added = call.save(
    "product",
    {
      id: params.id ?? newStripeId("prod"),
      object: "product",
      active: true,
      created: call.now,
      default_price: null,
      description: null,
      images: params.images ?? [],
      livemode: false,
      marketing_features: [],
      name: params.name,
      package_dimensions: null,
      shippable: null,
      statement_descriptor: null,
      tax_code: null,
      tax_details: null,
      type: "service",
      unit_label: null,
      updated: call.now,
      url: null,
      ...given(params, ...copied),
      metadata: mergeMetadata({}, params.metadata),
    },
    "product.created",
  );
  if (!params.default_price_data) return added;
  const { id } = addPrice(call, {
    ...params.default_price_data,
    product: added.id,
  } as Stripe.PriceCreateParams);
  return call.save("product", { ...added, default_price: id });
}
