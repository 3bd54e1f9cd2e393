import { Type } from "@plugboard/plugin-sdk";
import {
  amount,
  currency,
  email,
  maybe,
  maybeReference,
  maybeText,
  maybeTime,
  metadata,
  metadataInput,
  part,
  price,
  reference,
  shipping,
  url,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const captureMethod = Type.Enum(["automatic", "automatic_async", "manual"]);
const setupFutureUsage = Type.Enum(["off_session", "on_session"]);

const fields = {
  captureMethod: Type.Optional(captureMethod),
  customer: Type.Optional(reference("customer")),
  description: Type.Optional(words(1000)),
  metadata: Type.Optional(metadataInput),
  paymentMethod: Type.Optional(reference("payment method")),
  allowedPaymentMethodTypes: Type.Optional(Type.Array(words(100), { minItems: 1, maxItems: 50 })),
  receiptEmail: Type.Optional(maybe(email)),
  setupFutureUsage: Type.Optional(setupFutureUsage),
  shipping: Type.Optional(maybe(shipping)),
  statementDescriptor: Type.Optional(words(22)),
  statementDescriptorSuffix: Type.Optional(words(22)),
  transferGroup: Type.Optional(words(255)),
};

const confirmation = {
  returnUrl: Type.Optional(url),
  offSession: Type.Optional(Type.Boolean({ description: "The buyer is not there to be asked" })),
  errorOnRequiresAction: Type.Optional(Type.Boolean()),
};

export const paymentIntent = defineResource({
  name: "payment-intent",
  title: "Payment intent",
  docs: "https://docs.stripe.com/api/payment_intents",
  path: "/payment_intents",
  record: {
    amount,
    amountCapturable: amount,
    amountReceived: amount,
    currency: Type.String(),
    status: Type.String({ description: "https://docs.stripe.com/payments/paymentintents/lifecycle" }),
    customer: maybeReference("customer"),
    description: maybeText,
    captureMethod: Type.String(),
    confirmationMethod: Type.String(),
    paymentMethod: maybeReference("payment method"),
    paymentMethodTypes: Type.Array(Type.String()),
    latestCharge: maybeReference("charge"),
    lastPaymentError: maybe(
      part({
        type: Type.String(),
        code: maybeText,
        declineCode: maybeText,
        message: maybeText,
        charge: maybeText,
      }),
    ),
    canceledAt: maybeTime,
    cancellationReason: maybeText,
    receiptEmail: maybeText,
    setupFutureUsage: maybeText,
    shipping: maybe(shipping),
    statementDescriptor: maybeText,
    statementDescriptorSuffix: maybeText,
    transferGroup: maybeText,
    metadata,
    livemode: Type.Boolean(),
  },
  secrets: {
    clientSecret: maybe(Type.String({ description: "For the buyer's browser alone" })),
    nextAction: maybe(
      Type.Record(Type.Unknown(), { description: "What the buyer has to do, as Stripe writes it" }),
    ),
  },
  create: {
    amount: price,
    currency,
    ...fields,
    ...confirmation,
    automaticPaymentMethods: Type.Optional(
      part({ enabled: Type.Boolean(), allowRedirects: Type.Optional(Type.Enum(["always", "never"])) }),
    ),
    confirm: Type.Optional(Type.Boolean({ description: "Pay at once" })),
    confirmationMethod: Type.Optional(Type.Enum(["automatic", "manual"])),
  },
  update: { amount: Type.Optional(price), currency: Type.Optional(currency), ...fields },
  filter: { ...created, customer: Type.Optional(reference("customer")) },
  search: "amount, created, currency, customer, metadata, status",
  deeds: {
    "confirm-payment-intent": {
      title: "Confirm a payment intent",
      description: "Pays, or says in nextAction what the buyer has to do first.",
      path: "confirm",
      input: {
        ...confirmation,
        paymentMethod: Type.Optional(reference("payment method")),
        captureMethod: Type.Optional(captureMethod),
        receiptEmail: Type.Optional(email),
        setupFutureUsage: Type.Optional(setupFutureUsage),
      },
    },
    "capture-payment-intent": {
      title: "Capture a payment intent",
      description: "Takes what was authorised, or part of it.",
      path: "capture",
      input: { amountToCapture: Type.Optional(price), metadata: Type.Optional(metadataInput) },
    },
    "cancel-payment-intent": {
      title: "Cancel a payment intent",
      path: "cancel",
      input: {
        cancellationReason: Type.Optional(
          Type.Enum(["abandoned", "duplicate", "fraudulent", "requested_by_customer"]),
        ),
      },
    },
  },
  events: [
    "payment_intent.created",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "payment_intent.partially_funded",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_intent.canceled",
  ],
  isEntity: true,
});
