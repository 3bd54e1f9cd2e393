import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId, randomText } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import type { AnyRecord, LineItem } from "../../records/shapes.ts";
import { lineItemsOf } from "../billing/line-price.ts";
import { equal } from "../core/filters.ts";
import {
  boolean,
  choice,
  currency,
  hash,
  integer,
  list,
  metadata,
  priceData,
  reference,
  url,
} from "../core/kinds.ts";
import { listOf } from "../core/page.ts";
import { defineResource, operation } from "../core/resource.ts";

const fields = {
  after_completion: hash(
    {
      type: choice("hosted_confirmation", "redirect"),
      redirect: hash({ url }, "url"),
      hosted_confirmation: hash({ custom_message: text(500) }),
    },
    "type",
  ),
  allow_promotion_codes: boolean,
  inactive_message: text(500),
  metadata,
} as const;

/** https://docs.stripe.com/api/payment-link */
export const paymentLink = defineResource<"payment_link">({
  name: "payment_link",
  path: "/v1/payment_links",
  permission: "payment_link",
  create: operation<Stripe.PaymentLinkCreateParams, Stripe.PaymentLink>({
    params: {
      ...fields,
      currency,
      line_items: list(hash({ price: reference, price_data: priceData, quantity: integer })),
    },
    required: ["line_items"],
    run: addLink,
  }),
  update: operation<Stripe.PaymentLinkUpdateParams, Stripe.PaymentLink, [Stripe.PaymentLink]>({
    params: { ...fields, active: boolean },
    run: (call, params, before) =>
      call.save(
        "payment_link",
        {
          ...before,
          ...(given(
            params,
            "active",
            "allow_promotion_codes",
            "inactive_message",
          ) as Partial<Stripe.PaymentLink>),
          ...(params.after_completion && { after_completion: completionOf(params.after_completion) }),
          metadata: mergeMetadata(before.metadata, params.metadata),
        },
        "payment_link.updated",
      ),
  }),
  list: { filters: { active: equal("active", boolean) } },
  parts: { line_items: (call, { id }) => itemsOf(call, id) as unknown as AnyRecord[] },
  references: {},
  included: { line_items: (call, { id }) => listOf(`/v1/payment_links/${id}/line_items`, itemsOf(call, id)) },
});

const itemsOf = (call: Call, id: string): LineItem[] => call.account.lineItems.get(id) ?? [];

function addLink(call: Call, params: Stripe.PaymentLinkCreateParams): Stripe.PaymentLink {
  const items = lineItemsOf(call, params.line_items as Parameters<typeof lineItemsOf>[1]);
  const [first] = items;
  if (!first)
    throw invalidRequest(400, "parameter_missing", "Missing required param: line_items.", "line_items");
  const id = newStripeId("plink");
  call.account.lineItems.set(id, items);
  return call.save(
    "payment_link",
    {
      id,
      object: "payment_link",
      active: true,
      after_completion: completionOf(params.after_completion),
      allow_promotion_codes: params.allow_promotion_codes ?? false,
      application: null,
      application_fee_amount: null,
      application_fee_percent: null,
      automatic_tax: { enabled: false, liability: null },
      billing_address_collection: "auto",
      consent_collection: null,
      currency: first.currency,
      custom_fields: [],
      custom_text: {
        after_submit: null,
        shipping_address: null,
        submit: null,
        terms_of_service_acceptance: null,
      },
      customer_creation: "if_required",
      inactive_message: params.inactive_message ?? null,
      invoice_creation: null,
      livemode: false,
      managed_payments: null,
      metadata: mergeMetadata({}, params.metadata),
      on_behalf_of: null,
      payment_intent_data: null,
      payment_method_collection: "always",
      payment_method_options: null,
      payment_method_types: null,
      phone_number_collection: { enabled: false },
      restrictions: null,
      shipping_address_collection: null,
      shipping_options: [],
      submit_type: "auto",
      subscription_data: null,
      tax_id_collection: { enabled: false, required: "never" },
      transfer_data: null,
      url: `https://buy.stripe.com/test_${randomText(18)}`,
    },
    "payment_link.created",
  );
}

function completionOf(
  wanted: Stripe.PaymentLinkCreateParams.AfterCompletion | undefined,
): Stripe.PaymentLink.AfterCompletion {
  if (wanted?.type === "redirect" && wanted.redirect)
    return { redirect: { url: wanted.redirect.url }, type: "redirect" };
  const message = wanted?.hosted_confirmation?.custom_message || null;
  return { hosted_confirmation: { custom_message: message }, type: "hosted_confirmation" };
}
