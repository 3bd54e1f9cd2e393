import { text } from "../../params/kinds.ts";
import { hears } from "../../records/call.ts";
import { created, equal } from "../core/filters.ts";
import { boolean, list } from "../core/kinds.ts";
import { defineResource } from "../core/resource.ts";

/** https://docs.stripe.com/api/events. Stripe keeps them for 30 days; here they stay. */
export const event = defineResource<"event">({
  name: "event",
  path: "/v1/events",
  permission: "event",
  list: {
    filters: {
      created,
      delivery_success: {
        kind: boolean,
        fits: ({ pending_webhooks }, isDelivered) => (pending_webhooks === 0) === isDelivered,
      },
      type: {
        ...equal("type"),
        fits: ({ type }, wanted) =>
          String(wanted).endsWith(".*") ? type.startsWith(String(wanted).slice(0, -1)) : type === wanted,
      },
      types: { kind: list(text(200)), fits: ({ type }, types) => hears(types as string[], type) },
    },
  },
  references: {},
});
