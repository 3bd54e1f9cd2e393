import { InvalidInputError, type NormalizeContext, type NormalizedEvent } from "@plugboard/plugin-sdk";
import type { StripeEvent } from "../api/events.ts";
import { stripeVersion } from "../api/stripe.ts";
import { resources } from "../resources/index.ts";

/** Stripe's events about what this plugin knows; whatever else the endpoint was subscribed to is nothing to it. */
export function normalize({ delivery }: NormalizeContext): NormalizedEvent[] {
  if (delivery.type === undefined || delivery.body === undefined)
    throw new InvalidInputError("This is no event of Stripe's: it has no type.");
  const resource = resources.find(({ events }) => events.includes(delivery.type ?? ""));
  if (!resource) return [];
  const { id, type, created, data, api_version } = delivery.body as unknown as StripeEvent;
  // Fields have other names and meanings in other versions: better none than wrong ones.
  if (api_version !== stripeVersion)
    throw new InvalidInputError(
      `The event is written in Stripe's API version ${JSON.stringify(api_version ?? null)}; this plugin reads ${stripeVersion}. Set it at the webhook endpoint in Stripe.`,
    );
  return [
    {
      type,
      id,
      occurredAt: new Date(created * 1000).toISOString(),
      ...(resource.isEntity && { entity: resource.name, key: data.object.id }),
      data: resource.read(data.object) as never,
    },
  ];
}
