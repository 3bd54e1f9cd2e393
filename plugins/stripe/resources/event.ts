import { Type } from "@plugboard/plugin-sdk";
import { maybe, maybeText, part, words } from "../api/fields.ts";
import { created } from "../resource/filters.ts";
import { defineResource } from "../resource/resource.ts";

/** What happened in the account, for 30 days. */
export const event = defineResource({
  name: "event",
  title: "Event",
  docs: "https://docs.stripe.com/api/events",
  path: "/events",
  record: {
    type: Type.String(),
    apiVersion: maybeText,
    data: part({
      object: Type.Record(Type.Unknown(), { description: "The record, as Stripe writes it" }),
      previousAttributes: Type.Optional(Type.Record(Type.Unknown(), { description: "What it was before" })),
    }),
    pendingWebhooks: Type.Integer(),
    request: maybe(part({ id: maybeText, idempotencyKey: maybeText })),
    livemode: Type.Boolean(),
  },
  filter: {
    ...created,
    type: Type.Optional(
      words(100, { description: "Such as invoice.paid, or invoice.* for all about invoices" }),
    ),
    types: Type.Optional(Type.Array(words(100), { minItems: 1, maxItems: 20 })),
    deliverySuccess: Type.Optional(Type.Boolean()),
  },
  events: [],
  isEntity: false,
});
