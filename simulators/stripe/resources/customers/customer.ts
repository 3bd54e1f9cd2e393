import type Stripe from "stripe";
import { newStripeId } from "../../ids.ts";
import type { ParamTable } from "../../params/kinds.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import type { AnyRecord } from "../../records/shapes.ts";
import { numeric, string } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import { address, choice, hash, integer, list, metadata, reference } from "../core/kinds.ts";
import { listOf } from "../core/page.ts";
import { defineResource, operation } from "../core/resource.ts";
import { attach, noAddress, usePaymentMethod } from "../payments/payment-method.ts";

/** What both create and update take. `source`, `tax` and their kin are not simulated, so they are unknown. */
const fields = {
  address: hash(address),
  balance: integer,
  business_name: text(150),
  description: text(5000),
  email: { kind: "email" },
  individual_name: text(150),
  invoice_prefix: text(12),
  invoice_settings: hash({ default_payment_method: reference, footer: text(5000) }),
  metadata,
  name: text(256),
  next_invoice_sequence: { kind: "integer", min: 1 },
  phone: text(20),
  preferred_locales: list(text(10)),
  shipping: hash(
    { address: hash(address), name: text(5000), phone: text(5000) } satisfies ParamTable,
    "address",
    "name",
  ),
  tax_exempt: choice("exempt", "none", "reverse"),
} as const;

/** https://docs.stripe.com/api/customers */
export const customer = defineResource<"customer">({
  name: "customer",
  path: "/v1/customers",
  permission: "customer",
  create: operation<Stripe.CustomerCreateParams, Stripe.Customer>({
    params: { ...fields, payment_method: reference },
    run: addCustomer,
  }),
  update: operation<Stripe.CustomerUpdateParams, Stripe.Customer, [Stripe.Customer]>({
    params: fields,
    run: (call, params, before) => call.save("customer", apply(call, before, params), "customer.updated"),
  }),
  remove: operation<object, object, [Stripe.Customer]>({
    params: {},
    run(call, _params, before) {
      for (const one of call
        .all("subscription")
        .filter(({ customer: of, status }) => of === before.id && status !== "canceled"))
        call.save(
          "subscription",
          { ...one, status: "canceled", ended_at: call.now, canceled_at: call.now },
          "customer.subscription.deleted",
        );
      call.remove("customer", before, "customer.deleted");
      return { id: before.id, object: "customer", deleted: true };
    },
  }),
  list: { filters: { created, email: equal("email", text(512)) } },
  search: { created: numeric, email: string, name: string, phone: string },
  parts: {
    payment_methods: (call, { id }) =>
      call
        .all("payment_method")
        .filter(({ customer: of }) => of === id)
        .reverse() as unknown as AnyRecord[],
  },
  references: {},
  included: {
    default_source: () => null,
    discount: () => null,
    sources: (_call, { id }) => withTotal(listOf(`/v1/customers/${id}/sources`, [])),
    subscriptions: (call, { id }) =>
      withTotal(
        listOf(
          `/v1/customers/${id}/subscriptions`,
          call
            .all("subscription")
            .filter((one) => one.customer === id && one.status !== "canceled")
            .reverse(),
        ),
      ),
    tax_ids: (_call, { id }) => withTotal(listOf(`/v1/customers/${id}/tax_ids`, [])),
  },
});

const withTotal = <List extends { data: unknown[] }>(list: List) => ({
  ...list,
  total_count: list.data.length,
});

/** A customer; `customer.created` is told. */
export function addCustomer(call: Call, params: Stripe.CustomerCreateParams): Stripe.Customer {
  const id = newStripeId("cus");
  const empty: Stripe.Customer = {
    id,
    object: "customer",
    address: null,
    balance: 0,
    created: call.now,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: id.slice(-8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  };
  call.save("customer", empty);
  if (params.payment_method) attach(call, usePaymentMethod(call, params.payment_method), id);
  return call.save("customer", apply(call, empty, params), "customer.created");
}

function apply(call: Call, before: Stripe.Customer, params: Stripe.CustomerUpdateParams): Stripe.Customer {
  const { address: place, shipping, invoice_settings: settings } = params;
  const method = settings?.default_payment_method;
  return {
    ...before,
    ...(given(
      params as object,
      "balance",
      "business_name",
      "description",
      "email",
      "individual_name",
      "invoice_prefix",
      "name",
      "next_invoice_sequence",
      "phone",
    ) as Partial<Stripe.Customer>),
    ...(place !== undefined && { address: place ? fullAddress(place) : null }),
    ...(shipping !== undefined && {
      shipping: shipping
        ? ({ phone: null, ...shipping, address: fullAddress(shipping.address) } as Stripe.Customer.Shipping)
        : null,
    }),
    ...(params.preferred_locales !== undefined && { preferred_locales: params.preferred_locales ?? [] }),
    ...(params.tax_exempt !== undefined && { tax_exempt: params.tax_exempt || "none" }),
    ...(method && {
      invoice_settings: {
        ...before.invoice_settings,
        default_payment_method: attach(
          call,
          usePaymentMethod(call, method, "invoice_settings[default_payment_method]"),
          before.id,
        ).id,
      },
    }),
    metadata: mergeMetadata(before.metadata, params.metadata),
  };
}

const fullAddress = (place: object): Stripe.Address => ({ ...noAddress, ...place });
