import { InvalidInputError, type NormalizeContext, type NormalizedEvent } from "@plugboard/plugin-sdk";
import type { StripeEvent } from "../api/events.ts";
import { resources } from "../resources/index.ts";

/** Stripe's events about what this plugin knows; whatever else the endpoint was subscribed to is nothing to it. */
export function normalize({ delivery }: NormalizeContext): NormalizedEvent[] {
  if (delivery.type === undefined || delivery.body === undefined)
    throw new InvalidInputError("This is no event of Stripe's: it has no type.");
  const resource = resources.find(({ events }) => events.includes(delivery.type ?? ""));
  if (!resource) return [];
  const { id, type, created, data } = delivery.body as unknown as StripeEvent;
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
