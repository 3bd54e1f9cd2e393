import { Type } from "@plugboard/plugin-sdk";
import {
  clearable,
  currency,
  lineItem,
  maybeText,
  metadata,
  metadataInput,
  part,
  url,
  words,
} from "../api/fields.ts";
import { lineItems } from "../resource/line-items.ts";
import { defineResource } from "../resource/resource.ts";

const fields = {
  afterCompletion: Type.Optional(
    part({
      type: Type.Enum(["hosted_confirmation", "redirect"]),
      redirect: Type.Optional(part({ url })),
      hostedConfirmation: Type.Optional(part({ customMessage: Type.Optional(words(500)) })),
    }),
  ),
  allowPromotionCodes: Type.Optional(Type.Boolean()),
  metadata: Type.Optional(metadataInput),
};

export const paymentLink = defineResource({
  name: "payment-link",
  title: "Payment link",
  docs: "https://docs.stripe.com/api/payment-link",
  path: "/payment_links",
  isUndated: true,
  record: {
    active: Type.Boolean(),
    url: Type.String(),
    currency: maybeText,
    allowPromotionCodes: Type.Boolean(),
    inactiveMessage: maybeText,
    metadata,
    livemode: Type.Boolean(),
  },
  create: {
    lineItems: Type.Array(lineItem, { minItems: 1, maxItems: 20 }),
    currency: Type.Optional(currency),
    inactiveMessage: Type.Optional(words(500)),
    ...fields,
  },
  update: {
    active: Type.Optional(Type.Boolean()),
    inactiveMessage: Type.Optional(clearable(500)),
    ...fields,
  },
  filter: { active: Type.Optional(Type.Boolean()) },
  parts: { "line-items": { title: "List what a payment link sells", path: "line_items", record: lineItems } },
  events: ["payment_link.created", "payment_link.updated"],
  isEntity: false,
});
