import { InvalidInputError, type NormalizeContext, type NormalizedEvent } from "@plugboard/plugin-sdk";
import { type StripeCustomer, toCustomer } from "../customer.ts";

/** https://docs.stripe.com/api/events/object */
interface StripeEvent {
  id: string;
  type: string;
  created: number;
  data: { object: StripeCustomer };
}

const known = ["customer.created", "customer.updated", "customer.deleted"];

/** Stripe's events about customers; whatever else the endpoint was subscribed to is nothing to this plugin. */
export function normalize({ delivery }: NormalizeContext): NormalizedEvent[] {
  if (delivery.type === undefined || delivery.body === undefined)
    throw new InvalidInputError("This is no event of Stripe's: it has no type.");
  if (!known.includes(delivery.type)) return [];
  const { id, type, created, data } = delivery.body as unknown as StripeEvent;
  return [
    {
      type,
      id,
      occurredAt: new Date(created * 1000).toISOString(),
      entity: "customer",
      key: data.object.id,
      data: toCustomer(data.object),
    },
  ];
}
