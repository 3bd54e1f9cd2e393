import { Type } from "@plugboard/plugin-sdk";
import {
  currency,
  email,
  lineItem,
  maybe,
  maybeReference,
  maybeText,
  metadata,
  metadataInput,
  part,
  reference,
  time,
  url,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { lineItems } from "../resource/line-items.ts";
import { defineResource } from "../resource/resource.ts";

export const checkoutSession = defineResource({
  name: "checkout-session",
  title: "Checkout session",
  docs: "https://docs.stripe.com/api/checkout/sessions",
  path: "/checkout/sessions",
  record: {
    mode: Type.String(),
    status: maybeText,
    paymentStatus: Type.String(),
    amountSubtotal: maybe(Type.Integer()),
    amountTotal: maybe(Type.Integer()),
    currency: maybeText,
    customer: maybeReference("customer"),
    customerEmail: maybeText,
    clientReferenceId: maybeText,
    paymentIntent: maybeReference("payment intent"),
    paymentLink: maybeReference("payment link"),
    subscription: maybeReference("subscription"),
    invoice: maybeReference("invoice"),
    successUrl: maybeText,
    cancelUrl: maybeText,
    expiresAt: time,
    metadata: maybe(metadata),
    livemode: Type.Boolean(),
  },
  secrets: { url: maybe(Type.String({ description: "Where the buyer pays" })) },
  create: {
    mode: Type.Enum(["payment", "setup", "subscription"]),
    successUrl: url,
    cancelUrl: Type.Optional(url),
    lineItems: Type.Optional(Type.Array(lineItem, { minItems: 1, maxItems: 100 })),
    customer: Type.Optional(reference("customer")),
    customerEmail: Type.Optional(email),
    customerCreation: Type.Optional(Type.Enum(["always", "if_required"])),
    clientReferenceId: Type.Optional(words(200)),
    currency: Type.Optional(currency),
    allowPromotionCodes: Type.Optional(Type.Boolean()),
    expiresAt: Type.Optional(time),
    locale: Type.Optional(words(10)),
    metadata: Type.Optional(metadataInput),
    allowedPaymentMethodTypes: Type.Optional(Type.Array(words(100), { minItems: 1, maxItems: 50 })),
    paymentIntentData: Type.Optional(
      part({
        captureMethod: Type.Optional(Type.Enum(["automatic", "automatic_async", "manual"])),
        description: Type.Optional(words(1000)),
        metadata: Type.Optional(metadataInput),
        setupFutureUsage: Type.Optional(Type.Enum(["off_session", "on_session"])),
      }),
    ),
    subscriptionData: Type.Optional(
      part({
        description: Type.Optional(words(500)),
        metadata: Type.Optional(metadataInput),
        trialPeriodDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 730 })),
      }),
    ),
  },
  update: { metadata: Type.Optional(metadataInput) },
  filter: {
    ...created,
    customer: Type.Optional(reference("customer")),
    paymentIntent: Type.Optional(reference("payment intent")),
    paymentLink: Type.Optional(reference("payment link")),
    subscription: Type.Optional(reference("subscription")),
    status: Type.Optional(Type.Enum(["complete", "expired", "open"])),
  },
  deeds: {
    "expire-checkout-session": {
      title: "Expire a checkout session",
      description: "Nobody can pay it any more.",
      path: "expire",
    },
  },
  parts: {
    "line-items": { title: "List what a checkout session sells", path: "line_items", record: lineItems },
  },
  events: [
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
  ],
  isEntity: false,
});
