import type { Manifest, Problem } from "../types.ts";
import { offerLimits } from "./limits.ts";
import { closed, type OfferSchemas, text } from "./schemas.ts";

const { keyLength, pollItems } = offerLimits;

/** What `webhooks.normalize` gives; what it takes is the host's own. */
export const normalizeSchemas: OfferSchemas = {
  input: { type: "object" },
  output: {
    type: "array",
    maxItems: pollItems,
    items: closed(
      {
        type: text(100),
        id: text(200),
        occurredAt: { type: "string", format: "date-time" },
        entity: text(64),
        key: text(keyLength),
        data: {},
      },
      ["type", "data"],
    ),
  },
};

/** What the schema cannot say: an event is one that the tenant agreed to, about an entity that there is. */
export function checkNormalized(
  { permissions, contributes }: Pick<Manifest, "permissions" | "contributes">,
  events: unknown,
): Problem[] {
  const published = permissions.events?.publish ?? [];
  return (events as { type: string; entity?: string }[]).flatMap(({ type, entity }, index): Problem[] => [
    ...(published.some((pattern) => coversEventType(pattern, type))
      ? []
      : [
          {
            code: "event-not-declared",
            pointer: `/${index}/type`,
            message: `permissions.events.publish does not cover ${JSON.stringify(type)}; declare it there.`,
          },
        ]),
    ...(entity === undefined || Object.hasOwn(contributes?.entities ?? {}, entity)
      ? []
      : [
          {
            code: "entity-unknown",
            pointer: `/${index}/entity`,
            message: `The plugin has no entity ${JSON.stringify(entity)}.`,
          },
        ]),
  ]);
}

/** Whether a type of `permissions.events`, exact or `payment.*`, covers an event's. */
export function coversEventType(pattern: string, type: string): boolean {
  return pattern.endsWith(".*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}
