import { Type } from "@plugboard/plugin-sdk";
import {
  count,
  currency,
  maybe,
  maybeReference,
  maybeText,
  maybeTime,
  metadata,
  metadataInput,
  part,
  priceData,
  reference,
  time,
  words,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

const item = {
  price: Type.Optional(reference("price that recurs")),
  priceData: Type.Optional(priceData),
  quantity: Type.Optional(count(0)),
  metadata: Type.Optional(metadataInput),
};

const fields = {
  cancelAt: Type.Optional(time),
  cancelAtPeriodEnd: Type.Optional(Type.Boolean()),
  collectionMethod: Type.Optional(Type.Enum(["charge_automatically", "send_invoice"])),
  daysUntilDue: Type.Optional(count(0)),
  defaultPaymentMethod: Type.Optional(reference("payment method")),
  description: Type.Optional(words(500)),
  metadata: Type.Optional(metadataInput),
  offSession: Type.Optional(Type.Boolean()),
  paymentBehavior: Type.Optional(
    Type.Enum(["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"]),
  ),
  prorationBehavior: Type.Optional(Type.Enum(["always_invoice", "create_prorations", "none"])),
  trialEnd: Type.Optional(time),
};

const cancellationDetails = Type.Optional(
  part({ comment: Type.Optional(words(5000)), feedback: Type.Optional(words(100)) }),
);

export const subscription = defineResource({
  name: "subscription",
  title: "Subscription",
  docs: "https://docs.stripe.com/api/subscriptions",
  path: "/subscriptions",
  record: {
    status: Type.String({
      description: "https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses",
    }),
    customer: Type.String({ description: "The id of a customer" }),
    currency: Type.String(),
    items: Type.Array(
      part({
        id: Type.String(),
        price: Type.String({ description: "The id of a price" }),
        quantity: maybe(Type.Integer()),
        currentPeriodStart: maybeTime,
        currentPeriodEnd: maybeTime,
        metadata,
      }),
      { description: "The first ten" },
    ),
    collectionMethod: Type.String(),
    daysUntilDue: maybe(Type.Integer()),
    defaultPaymentMethod: maybeReference("payment method"),
    latestInvoice: maybeReference("invoice"),
    description: maybeText,
    startDate: time,
    billingCycleAnchor: time,
    trialStart: maybeTime,
    trialEnd: maybeTime,
    cancelAt: maybeTime,
    cancelAtPeriodEnd: Type.Boolean(),
    canceledAt: maybeTime,
    endedAt: maybeTime,
    metadata,
    livemode: Type.Boolean(),
  },
  create: {
    customer: reference("customer"),
    items: Type.Array(part(item), { minItems: 1, maxItems: 20 }),
    currency: Type.Optional(currency),
    trialPeriodDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 730 })),
    ...fields,
  },
  update: {
    ...fields,
    items: Type.Optional(
      Type.Array(
        part({
          id: Type.Optional(reference("subscription item that is to be changed; else one is added")),
          deleted: Type.Optional(Type.Boolean()),
          ...item,
        }),
        { minItems: 1, maxItems: 20 },
      ),
    ),
    cancellationDetails,
    pauseCollection: Type.Optional(
      maybe(
        part({
          behavior: Type.Enum(["keep_as_draft", "mark_uncollectible", "void"]),
          resumesAt: Type.Optional(time),
        }),
      ),
    ),
  },
  filter: {
    ...created,
    customer: Type.Optional(reference("customer")),
    price: Type.Optional(reference("price")),
    status: Type.Optional(
      Type.Enum(
        [
          "active",
          "all",
          "canceled",
          "ended",
          "incomplete",
          "incomplete_expired",
          "past_due",
          "paused",
          "trialing",
          "unpaid",
        ],
        { description: "Without it, actions list all but the canceled ones, and records are all" },
      ),
    ),
  },
  wholeList: { status: "all" },
  search: "canceled_at, created, metadata, status",
  deeds: {
    "cancel-subscription": {
      title: "Cancel a subscription",
      description: "At once. To let it run out, change it with cancelAtPeriodEnd.",
      method: "DELETE",
      input: {
        cancellationDetails,
        invoiceNow: Type.Optional(Type.Boolean()),
        prorate: Type.Optional(Type.Boolean()),
      },
    },
  },
  events: [
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
  ],
  isEntity: true,
});
