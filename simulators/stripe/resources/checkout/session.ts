import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { mergeMetadata } from "../../records/change.ts";
import type { AnyRecord, LineItem } from "../../records/shapes.ts";
import { lineItemsOf } from "../billing/line-price.ts";
import { created, equal } from "../core/filters.ts";
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

type Session = Stripe.Checkout.Session;

const daySeconds = 86_400;

/** https://docs.stripe.com/api/checkout/sessions. How a buyer pays one: see buyer.ts. */
export const checkoutSession = defineResource<"checkout.session">({
  name: "checkout.session",
  path: "/v1/checkout/sessions",
  permission: "checkout_session",
  create: operation<Stripe.Checkout.SessionCreateParams, Session>({
    params: {
      allow_promotion_codes: boolean,
      cancel_url: url,
      client_reference_id: text(200),
      currency,
      customer: reference,
      customer_creation: choice("always", "if_required"),
      customer_email: { kind: "email" },
      expires_at: integer,
      line_items: list(hash({ price: reference, price_data: priceData, quantity: integer })),
      locale: text(10),
      metadata,
      mode: choice("payment", "setup", "subscription"),
      payment_intent_data: hash({
        capture_method: choice("automatic", "automatic_async", "manual"),
        description: text(1000),
        metadata,
        setup_future_usage: choice("off_session", "on_session"),
      }),
      allowed_payment_method_types: list(choice("card", "link")),
      subscription_data: hash({ description: text(500), metadata, trial_period_days: integer }),
      success_url: url,
    },
    required: ["mode", "success_url"],
    run: addSession,
  }),
  update: operation<Stripe.Checkout.SessionUpdateParams, Session, [Session]>({
    params: { metadata },
    run: (call, params, before) =>
      call.save("checkout.session", {
        ...before,
        metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
      }),
  }),
  actions: {
    expire: operation<object, Session, [Session]>({
      params: {},
      run(call, _params, before) {
        if (before.status !== "open")
          throw invalidRequest(
            400,
            undefined,
            `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${before.status}\`.`,
          );
        return call.save(
          "checkout.session",
          { ...before, status: "expired", url: null },
          "checkout.session.expired",
        );
      },
    }),
  },
  list: {
    filters: {
      created,
      customer: equal("customer"),
      payment_intent: equal("payment_intent"),
      payment_link: equal("payment_link"),
      status: equal("status", choice("complete", "expired", "open")),
      subscription: equal("subscription"),
    },
  },
  parts: { line_items: (call, { id }) => itemsOf(call, id) as unknown as AnyRecord[] },
  references: {
    customer: "customer",
    invoice: "invoice",
    payment_intent: "payment_intent",
    payment_link: "payment_link",
    subscription: "subscription",
  },
  included: {
    line_items: (call, { id }) => listOf(`/v1/checkout/sessions/${id}/line_items`, itemsOf(call, id)),
  },
});

const itemsOf = (call: Call, id: string): LineItem[] => call.account.lineItems.get(id) ?? [];

function addSession(call: Call, params: Stripe.Checkout.SessionCreateParams): Session {
  if (params.mode !== "setup" && !params.line_items?.length)
    throw invalidRequest(
      400,
      "parameter_missing",
      `You must provide \`line_items\` in \`${params.mode}\` mode.`,
      "line_items",
    );
  if (params.customer) call.find("customer", params.customer, "customer");
  const items = lineItemsOf(call, (params.line_items ?? []) as Parameters<typeof lineItemsOf>[1]);
  if (params.mode === "payment" && items.some(({ price }) => price.type === "recurring"))
    throw invalidRequest(
      400,
      undefined,
      "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
      "line_items",
    );
  const id = newStripeId("cs_test");
  call.account.lineItems.set(id, items);
  const total = items.length === 0 ? null : items.reduce((sum, { amount_total }) => sum + amount_total, 0);
  return call.save("checkout.session", {
    ...emptySession,
    id,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    amount_subtotal: total,
    amount_total: total,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    created: call.now,
    currency: items[0]?.currency ?? params.currency ?? null,
    customer: params.customer ?? null,
    customer_creation: params.mode === "payment" ? (params.customer_creation ?? "if_required") : null,
    customer_email: params.customer_email ?? null,
    expires_at: params.expires_at ?? call.now + daySeconds,
    metadata: mergeMetadata({}, params.metadata),
    mode: params.mode ?? "payment",
    payment_method_collection: params.mode === "payment" ? "if_required" : "always",
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    payment_method_types: params.allowed_payment_method_types ?? ["card", "link"],
    payment_status: params.mode === "setup" ? "no_payment_required" : "unpaid",
    success_url: params.success_url ?? null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    url: `https://checkout.stripe.com/c/pay/${id}`,
  });
}

const emptySession = {
  object: "checkout.session",
  adaptive_pricing: { enabled: true },
  after_expiration: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: {
    after_submit: null,
    shipping_address: null,
    submit: null,
    terms_of_service_acceptance: null,
  },
  customer_account: null,
  customer_details: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  locale: null,
  managed_payments: null,
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_configuration_details: null,
  payment_method_options: {},
  permissions: null,
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: "open",
  submit_type: null,
  subscription: null,
  ui_mode: null,
  wallet_options: null,
} as const satisfies Partial<Session>;
