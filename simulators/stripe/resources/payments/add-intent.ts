import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId, randomText } from "../../ids.ts";
import type { Call } from "../../records/call.ts";
import { mergeMetadata } from "../../records/change.ts";
import { usePaymentMethod } from "./payment-method.ts";

const minimumAmount = 50;

/** A payment intent that nothing was done about yet; `payment_intent.created` is told. */
export function addIntent(call: Call, params: Stripe.PaymentIntentCreateParams): Stripe.PaymentIntent {
  if (params.amount < minimumAmount)
    throw invalidRequest(400, "amount_too_small", "Amount must be at least $0.50 usd", "amount");
  if (params.customer) call.find("customer", params.customer, "customer");
  const method = params.payment_method ? usePaymentMethod(call, params.payment_method).id : null;
  const isAutomatic = params.automatic_payment_methods?.enabled ?? true;
  const id = newStripeId("pi");
  return call.save(
    "payment_intent",
    {
      id,
      object: "payment_intent",
      allowed_payment_method_types: params.allowed_payment_method_types ?? null,
      amount: params.amount,
      amount_capturable: 0,
      amount_received: 0,
      application: null,
      application_fee_amount: null,
      automatic_payment_methods: isAutomatic
        ? { allow_redirects: params.automatic_payment_methods?.allow_redirects ?? "always", enabled: true }
        : null,
      canceled_at: null,
      cancellation_reason: null,
      capture_method: params.capture_method ?? "automatic_async",
      client_secret: `${id}_secret_${randomText(25)}`,
      confirmation_method: params.confirmation_method ?? "automatic",
      created: call.now,
      currency: params.currency,
      customer: params.customer ?? null,
      customer_account: null,
      description: params.description ?? null,
      excluded_payment_method_types: null,
      last_payment_error: null,
      latest_charge: null,
      livemode: false,
      managed_payments: null,
      metadata: mergeMetadata({}, params.metadata),
      next_action: null,
      on_behalf_of: null,
      payment_method: method,
      payment_method_configuration_details: null,
      payment_method_options: {
        card: {
          installments: null,
          mandate_options: null,
          network: null,
          request_three_d_secure: "automatic",
        },
      },
      payment_method_types: params.allowed_payment_method_types ?? ["card", "link"],
      payment_record: null,
      processing: null,
      receipt_email: params.receipt_email ?? null,
      review: null,
      setup_future_usage: params.setup_future_usage ?? null,
      shipping: (params.shipping as Stripe.PaymentIntent.Shipping | undefined) ?? null,
      source: null,
      statement_descriptor: params.statement_descriptor ?? null,
      statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
      status: method ? "requires_confirmation" : "requires_payment_method",
      transfer_data: null,
      transfer_group: params.transfer_group ?? null,
    },
    "payment_intent.created",
  );
}
