import { Type } from "@plugboard/plugin-sdk";
import {
  amount,
  maybe,
  maybeReference,
  maybeText,
  metadata,
  metadataInput,
  price,
  reference,
} from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

export const refund = defineResource({
  name: "refund",
  title: "Refund",
  docs: "https://docs.stripe.com/api/refunds",
  path: "/refunds",
  record: {
    amount,
    currency: Type.String(),
    status: maybeText,
    charge: maybeReference("charge"),
    paymentIntent: maybeReference("payment intent"),
    balanceTransaction: maybeReference("balance transaction"),
    reason: maybeText,
    failureReason: maybeText,
    receiptNumber: maybeText,
    metadata: maybe(metadata),
  },
  create: {
    charge: Type.Optional(reference("charge")),
    paymentIntent: Type.Optional(reference("payment intent")),
    amount: Type.Optional(price),
    reason: Type.Optional(Type.Enum(["duplicate", "fraudulent", "requested_by_customer"])),
    metadata: Type.Optional(metadataInput),
  },
  update: { metadata: Type.Optional(metadataInput) },
  filter: {
    ...created,
    charge: Type.Optional(reference("charge")),
    paymentIntent: Type.Optional(reference("payment intent")),
  },
  deeds: {
    "cancel-refund": {
      title: "Cancel a refund",
      description: "Only one that waits for something that the customer has to do.",
      path: "cancel",
    },
  },
  events: ["refund.created", "refund.updated", "refund.failed"],
  isEntity: true,
});
