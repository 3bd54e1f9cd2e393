import {
  InvalidInputError,
  type Json,
  type NormalizeContext,
  type NormalizedEvent,
} from "@plugboard/plugin-sdk";
import { payloadOf } from "./payload.ts";
import { topics } from "./topics.ts";

/** Shopify's deliveries as events; a topic that is nothing to this plugin is none. */
export function normalize({ delivery, connection }: NormalizeContext): NormalizedEvent[] {
  const { headers, type: name, id, body } = delivery;
  // All stores that have the app sign with its one secret, and the header is not signed: this stops mistakes, such as a
  // delivery to another connection's address, and no forgery by whoever has a signed body of another store.
  const domain = headers["x-shopify-shop-domain"];
  if (domain !== `${connection.config.shop}.myshopify.com`)
    throw new InvalidInputError("The delivery is of another store than the connection.");
  if (name === undefined)
    throw new InvalidInputError("This is no webhook of Shopify's: it has no X-Shopify-Topic.");
  const topic = Object.hasOwn(topics, name) ? topics[name] : undefined;
  if (!topic) return [];
  const { type, subject } = topic;
  const data = subject.read(payloadOf(body)) as { [field: string]: Json };
  const occurredAt = headers["x-shopify-triggered-at"];
  return [
    {
      type,
      ...(id !== undefined && { id }),
      ...(occurredAt !== undefined && !Number.isNaN(Date.parse(occurredAt)) && { occurredAt }),
      ...(subject.entity !== undefined &&
        typeof data.id === "string" && { entity: subject.entity, key: data.id }),
      data,
    },
  ];
}
