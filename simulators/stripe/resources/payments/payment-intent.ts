import type Stripe from "stripe";
import { text } from "../../params/kinds.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import { numeric, token } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import { boolean, choice, currency, hash, list, metadata, reference, shipping, url } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addIntent } from "./add-intent.ts";
import { cancelIntent, captureIntent, confirmIntent, unexpectedState } from "./intent-states.ts";
import { usePaymentMethod } from "./payment-method.ts";

type Intent = Stripe.PaymentIntent;

/** At least 50 cents: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const amount = { kind: "integer", min: 1, max: 99_999_999 } as const;

const fields = {
  amount,
  capture_method: choice("automatic", "automatic_async", "manual"),
  currency,
  customer: reference,
  description: text(1000),
  metadata,
  payment_method: reference,
  allowed_payment_method_types: list(choice("card", "link")),
  receipt_email: { kind: "email" },
  setup_future_usage: choice("off_session", "on_session"),
  shipping,
  statement_descriptor: text(22),
  statement_descriptor_suffix: text(22),
  transfer_group: text(5000),
} as const;

const confirmation = { off_session: boolean, return_url: url, error_on_requires_action: boolean } as const;

/** https://docs.stripe.com/api/payment_intents, with the states of https://docs.stripe.com/payments/paymentintents/lifecycle */
export const paymentIntent = defineResource<"payment_intent">({
  name: "payment_intent",
  path: "/v1/payment_intents",
  permission: "payment_intent",
  create: operation<Stripe.PaymentIntentCreateParams, Intent>({
    params: {
      ...fields,
      ...confirmation,
      automatic_payment_methods: hash(
        { enabled: boolean, allow_redirects: choice("always", "never") },
        "enabled",
      ),
      confirm: boolean,
      confirmation_method: choice("automatic", "manual"),
    },
    required: ["amount", "currency"],
    run(call, params) {
      const intent = addIntent(call, params);
      return params.confirm ? confirmIntent(call, intent, params) : intent;
    },
  }),
  update: operation<Stripe.PaymentIntentUpdateParams, Intent, [Intent]>({
    params: fields,
    run(call, params, before) {
      const isOver = before.status === "succeeded" || before.status === "canceled";
      if (isOver && Object.keys(params).some((name) => name !== "metadata" && name !== "description"))
        throw unexpectedState(
          before,
          `This PaymentIntent's ${Object.keys(params)[0]} could not be updated because it has a status of ${before.status}.`,
        );
      if (params.customer) call.find("customer", params.customer, "customer");
      const method = params.payment_method && usePaymentMethod(call, params.payment_method).id;
      return call.save("payment_intent", {
        ...before,
        ...(given(
          params,
          "amount",
          "capture_method",
          "currency",
          "customer",
          "description",
          "receipt_email",
          "setup_future_usage",
          "statement_descriptor",
          "statement_descriptor_suffix",
          "transfer_group",
        ) as Partial<Intent>),
        metadata: mergeMetadata(before.metadata, params.metadata),
        ...(method && { payment_method: method }),
        ...(method &&
          before.status === "requires_payment_method" && { status: "requires_confirmation" as const }),
      });
    },
  }),
  actions: {
    confirm: operation<Stripe.PaymentIntentConfirmParams, Intent, [Intent]>({
      params: {
        ...confirmation,
        capture_method: fields.capture_method,
        payment_method: reference,
        receipt_email: { kind: "email" },
        setup_future_usage: fields.setup_future_usage,
        shipping,
      },
      run: (call, params, before) =>
        confirmIntent(
          call,
          {
            ...before,
            ...(given(params, "capture_method", "receipt_email", "setup_future_usage") as Partial<Intent>),
          },
          params,
        ),
    }),
    capture: operation<Stripe.PaymentIntentCaptureParams, Intent, [Intent]>({
      params: {
        amount_to_capture: amount,
        metadata,
        statement_descriptor: text(22),
        statement_descriptor_suffix: text(22),
      },
      run: captureIntent,
    }),
    cancel: operation<Stripe.PaymentIntentCancelParams, Intent, [Intent]>({
      params: {
        cancellation_reason: choice("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
      },
      run: cancelIntent,
    }),
  },
  list: { filters: { created, customer: equal("customer") } },
  search: { amount: numeric, created: numeric, currency: token, customer: token, status: token },
  references: { customer: "customer", latest_charge: "charge", payment_method: "payment_method" },
});
