import type Stripe from "stripe";
import { newStripeId, randomText } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import { given, idOf, mergeMetadata } from "../../records/change.ts";
import { numeric, token } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import { metadata, reference, shipping } from "../core/kinds.ts";
import { listOf } from "../core/page.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addBalanceTransaction, paymentFee } from "./balance-transaction.ts";
import { cardOf } from "./payment-method.ts";
import type { Outcome } from "./test-cards.ts";

/** https://docs.stripe.com/api/charges: made by payment intents only. */
export const charge = defineResource<"charge">({
  name: "charge",
  path: "/v1/charges",
  permission: "charge",
  update: operation<Stripe.ChargeUpdateParams, Stripe.Charge, [Stripe.Charge]>({
    params: {
      customer: reference,
      description: text(40_000),
      metadata,
      receipt_email: { kind: "email" },
      shipping,
      transfer_group: text(5000),
    },
    run: (call, params, before) =>
      call.save(
        "charge",
        {
          ...before,
          ...given(params as object, "description", "receipt_email", "transfer_group"),
          metadata: mergeMetadata(before.metadata, params.metadata),
        } as Stripe.Charge,
        "charge.updated",
      ),
  }),
  list: {
    filters: {
      created,
      customer: equal("customer"),
      payment_intent: equal("payment_intent"),
      transfer_group: equal("transfer_group"),
    },
  },
  search: {
    amount: numeric,
    created: numeric,
    currency: token,
    customer: token,
    disputed: token,
    refunded: token,
    status: token,
    "billing_details.address.postal_code": token,
    "payment_method_details.card.brand": token,
    "payment_method_details.card.exp_month": token,
    "payment_method_details.card.exp_year": token,
    "payment_method_details.card.fingerprint": token,
    "payment_method_details.card.last4": token,
  },
  references: {
    balance_transaction: "balance_transaction",
    customer: "customer",
    failure_balance_transaction: "balance_transaction",
    payment_intent: "payment_intent",
    payment_method: "payment_method",
  },
  included: {
    refunds: (call, { id }) =>
      listOf(
        `/v1/charges/${id}/refunds`,
        call
          .all("refund")
          .filter((one) => one.charge === id)
          .reverse(),
      ),
  },
});

type Approval = Exclude<Outcome, { kind: "requires_action" }>;

/** Charges what a payment intent asks for. Nothing is told of it yet. */
export function addCharge(
  call: Call,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  outcome: Approval,
): Stripe.Charge {
  const isApproved = outcome.kind === "approved";
  const captured = isApproved && intent.capture_method !== "manual";
  const id = newStripeId("ch");
  const card = cardOf(call, method);
  return call.save("charge", {
    id,
    object: "charge",
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: captured
      ? addBalanceTransaction(call, {
          type: "charge",
          amount: intent.amount,
          fee: paymentFee(intent.amount),
          currency: intent.currency,
          source: id,
          description: intent.description,
        })
      : null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: intent.statement_descriptor ?? "PLUGBOARD",
    captured,
    created: call.now,
    currency: intent.currency,
    customer: idOf(intent.customer),
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: isApproved ? null : outcome.code,
    failure_message: isApproved ? null : outcome.message,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: isApproved ? "approved_by_network" : "declined_by_network",
      reason: isApproved ? null : (outcome.declineCode ?? outcome.code),
      risk_level: "normal",
      risk_score: 12,
      seller_message: isApproved
        ? "Payment complete."
        : "The bank did not return any further details with this decline.",
      type: isApproved ? "authorized" : "issuer_declined",
    },
    paid: isApproved,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      card: {
        amount_authorized: isApproved ? intent.amount : null,
        authorization_code: null,
        brand: card?.brand ?? null,
        checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
        country: card?.country ?? null,
        electronic_commerce_indicator: null,
        exp_month: method.card?.exp_month ?? 0,
        exp_year: method.card?.exp_year ?? 0,
        fingerprint: method.card?.fingerprint ?? null,
        funding: card?.funding ?? null,
        installments: null,
        last4: card?.last4 ?? null,
        mandate: null,
        network: card?.brand ?? null,
        network_transaction_id: isApproved ? randomText(15) : null,
        regulated_status: "unregulated",
        three_d_secure: null,
        transaction_link_id: null,
        wallet: null,
      },
      type: "card",
    },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: isApproved ? `https://pay.stripe.com/receipts/payment/${randomText(40)}` : null,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: isApproved ? "succeeded" : "failed",
    transfer_data: null,
    transfer_group: intent.transfer_group,
  });
}
