import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { idOf, mergeMetadata } from "../../records/change.ts";
import { created, equal } from "../core/filters.ts";
import { amount, choice, metadata, reference } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addBalanceTransaction } from "./balance-transaction.ts";

/** https://docs.stripe.com/api/refunds: of cards, so they succeed at once. */
export const refund = defineResource<"refund">({
  name: "refund",
  path: "/v1/refunds",
  permission: "charge",
  create: operation<Stripe.RefundCreateParams, Stripe.Refund>({
    params: {
      amount,
      charge: reference,
      metadata,
      payment_intent: reference,
      reason: choice("duplicate", "fraudulent", "requested_by_customer"),
    },
    run: addRefund,
  }),
  update: operation<Stripe.RefundUpdateParams, Stripe.Refund, [Stripe.Refund]>({
    params: { metadata },
    run: (call, params, before) =>
      call.save(
        "refund",
        { ...before, metadata: mergeMetadata(before.metadata ?? {}, params.metadata) },
        "refund.updated",
      ),
  }),
  actions: {
    cancel: operation<object, Stripe.Refund, [Stripe.Refund]>({
      params: {},
      run() {
        throw invalidRequest(
          400,
          undefined,
          "You can only cancel refunds that require action from the customer.",
        );
      },
    }),
  },
  list: { filters: { charge: equal("charge"), created, payment_intent: equal("payment_intent") } },
  references: {
    balance_transaction: "balance_transaction",
    charge: "charge",
    payment_intent: "payment_intent",
  },
});

function addRefund(call: Call, params: Stripe.RefundCreateParams): Stripe.Refund {
  const charge = chargeOf(call, params);
  const left = charge.amount_captured - charge.amount_refunded;
  if (charge.refunded)
    throw invalidRequest(400, "charge_already_refunded", `Charge ${charge.id} has already been refunded.`);
  const refunded = params.amount ?? left;
  if (refunded > left)
    throw invalidRequest(
      400,
      undefined,
      `Refund amount (${money(refunded)}) is greater than unrefunded amount on charge (${money(left)})`,
      "amount",
    );
  const id = newStripeId("re");
  const made: Stripe.Refund = {
    id,
    object: "refund",
    amount: refunded,
    balance_transaction: addBalanceTransaction(call, {
      type: "refund",
      amount: -refunded,
      fee: 0,
      currency: charge.currency,
      source: id,
      description: "REFUND FOR PAYMENT",
    }),
    charge: charge.id,
    created: call.now,
    currency: charge.currency,
    customer: idOf(charge.customer),
    customer_account: null,
    destination_details: {
      card: { reference_status: "pending", reference_type: "acquirer_reference_number", type: "refund" },
      type: "card",
    },
    metadata: mergeMetadata({}, params.metadata),
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  };
  const total = charge.amount_refunded + refunded;
  const refundedCharge = { ...charge, amount_refunded: total, refunded: total === charge.amount_captured };
  call.save("charge", refundedCharge, "charge.refunded");
  call.save("refund", made, "refund.created");
  return made;
}

function chargeOf(call: Call, params: Stripe.RefundCreateParams): Stripe.Charge {
  if (params.charge) return call.find("charge", params.charge, "charge");
  if (!params.payment_intent)
    throw invalidRequest(
      400,
      "parameter_missing",
      "One of the following params should be provided for this request: payment_intent or charge.",
      "payment_intent",
    );
  const intent = call.find("payment_intent", params.payment_intent, "payment_intent");
  const id = idOf(intent.latest_charge);
  if (intent.status !== "succeeded" || id === null)
    throw invalidRequest(
      400,
      undefined,
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      "payment_intent",
    );
  return call.find("charge", id);
}

const money = (cents: number): string => `$${(cents / 100).toFixed(2)}`;
