import type Stripe from "stripe";
import { invalidRequest, noSuchResource } from "../../errors.ts";
import { newStripeId, randomText } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, idOf, mergeMetadata } from "../../records/change.ts";
import { equal } from "../core/filters.ts";
import { address, choice, hash, metadata, reference } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { type Outcome, type TestCard, testCards } from "./test-cards.ts";

const billingDetails = hash({
  address: hash(address),
  email: { kind: "email" },
  name: text(5000),
  phone: text(20),
});

/** https://docs.stripe.com/api/payment_methods. Only cards, and of these only Stripe's own test cards. */
export const paymentMethod = defineResource<"payment_method">({
  name: "payment_method",
  path: "/v1/payment_methods",
  permission: "payment_method",
  create: operation<Stripe.PaymentMethodCreateParams, Stripe.PaymentMethod>({
    params: {
      type: choice("card"),
      card: hash({ token: text(5000) }, "token"),
      billing_details: billingDetails,
      metadata,
    },
    required: ["type", "card"],
    run(call, { card, billing_details, metadata: given }) {
      const token = card && "token" in card ? String(card.token) : "";
      const name = token.replace(/^tok_/, "");
      if (!Object.hasOwn(testCards, name)) throw noSuchResource("token", token, "card[token]");
      const made = addTestCard(call, name);
      return call.save("payment_method", {
        ...made,
        billing_details: { ...made.billing_details, ...fullBilling(billing_details) },
        metadata: mergeMetadata({}, given),
      });
    },
  }),
  update: operation<Stripe.PaymentMethodUpdateParams, Stripe.PaymentMethod, [Stripe.PaymentMethod]>({
    params: { billing_details: billingDetails, metadata },
    run: (call, params, before) =>
      call.save(
        "payment_method",
        {
          ...before,
          billing_details: { ...before.billing_details, ...fullBilling(params.billing_details) },
          metadata: mergeMetadata(before.metadata ?? {}, params.metadata),
        },
        "payment_method.updated",
      ),
  }),
  actions: {
    attach: operation<Stripe.PaymentMethodAttachParams, Stripe.PaymentMethod, [Stripe.PaymentMethod]>({
      params: { customer: reference },
      required: ["customer"],
      run: (call, { customer }, before) => attach(call, before, customer ?? ""),
    }),
    detach: operation<object, Stripe.PaymentMethod, [Stripe.PaymentMethod]>({
      params: {},
      run(call, _params, before) {
        if (before.customer === null)
          throw invalidRequest(
            400,
            undefined,
            "The payment method you provided is not attached to a customer so detachment is impossible.",
          );
        return call.save("payment_method", { ...before, customer: null }, "payment_method.detached");
      },
    }),
  },
  list: {
    filters: { customer: equal("customer"), type: equal("type") },
    keep: ({ customer }) => customer !== null,
  },
  references: { customer: "customer" },
});

/**
 * The payment method of an id. One of Stripe's test methods (`pm_card_visa`) makes a new one of that card, as there.
 *
 * @throws {StripeApiError} 400 `resource_missing`
 */
export function usePaymentMethod(call: Call, id: string, param = "payment_method"): Stripe.PaymentMethod {
  const name = id.replace(/^pm_card_/, "");
  if (id.startsWith("pm_card_") && Object.hasOwn(testCards, name)) return addTestCard(call, name);
  return call.find("payment_method", id, param);
}

/** Attaches a payment method to a customer. */
export function attach(call: Call, method: Stripe.PaymentMethod, customerId: string): Stripe.PaymentMethod {
  const { id } = call.find("customer", customerId, "customer");
  const holder = idOf(method.customer);
  if (holder === id) return method;
  if (holder !== null)
    throw invalidRequest(
      400,
      "payment_method_unexpected_state",
      "The payment method you provided has already been attached to a customer.",
    );
  return call.save("payment_method", { ...method, customer: id }, "payment_method.attached");
}

/** What becomes of a payment with it. */
export function outcomeOf(call: Call, method: Stripe.PaymentMethod): Outcome {
  return cardOf(call, method)?.outcome ?? { kind: "approved" };
}

export function cardOf(call: Call, { id }: { id: string }): TestCard | undefined {
  return testCards[call.account.testCards.get(id) ?? ""];
}

function addTestCard(call: Call, name: string): Stripe.PaymentMethod {
  const { brand, funding, last4, country } = testCards[name] ?? {
    brand: "",
    funding: "credit",
    last4: "",
    country: "",
  };
  const id = newStripeId("pm");
  call.account.testCards.set(id, name);
  return call.save("payment_method", {
    id,
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: { address: { ...noAddress }, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country,
      display_brand: brand,
      exp_month: 8,
      exp_year: new Date(call.now * 1000).getUTCFullYear() + 3,
      fingerprint: randomText(16),
      funding,
      generated_from: null,
      last4,
      networks: { available: [brand], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: call.now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: "card",
  });
}

export const noAddress = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
} as const;

function fullBilling(details: object | undefined): Partial<Stripe.PaymentMethod.BillingDetails> {
  if (!details) return {};
  const { address: place } = details as { address?: object | null };
  return {
    ...given<Stripe.PaymentMethod.BillingDetails, "email" | "name" | "phone">(
      details,
      "email",
      "name",
      "phone",
    ),
    ...(place && { address: { ...noAddress, ...place } }),
  } as Partial<Stripe.PaymentMethod.BillingDetails>;
}
