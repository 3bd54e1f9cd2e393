import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../access/index.ts";
import { sequencePosition, toPageRequest, toSequencePage } from "../paging.ts";
import type { Event, Events } from "./events.ts";

const eventSchema = Type.Object(
  {
    id: Type.String(),
    type: Type.String(),
    source: Type.Object(
      {},
      { additionalProperties: true, description: "The install's plugin, or the host." },
    ),
    data: Type.Unknown(),
    createdAt: Type.String({ format: "date-time" }),
  },
  { title: "Event" },
);

/** The event log of a tenant. */
export function createEventRoutes({ events }: { events: Pick<Events, "list"> }): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/events",
      operationId: "listEvents",
      summary: "List events, the oldest first",
      description: "Kept for 30 days, unless whoever runs the host has set another time.",
      tags: ["events"],
      access: { scope: "events:read" },
      query: Type.Object({
        ...pageQuery,
        type: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: "An event type, or all below one: `payment.*`.",
          }),
        ),
      }),
      responses: { 200: { description: "One page.", schema: page(eventSchema) } },
      errors: [],
      async handler({ identity, query }) {
        const request = toPageRequest(query, sequencePosition);
        const filter = query.type === undefined ? {} : { type: query.type };
        const found = await events.list(identity.tenantId, filter, request);
        return { status: 200, body: toSequencePage(found, request, toBody) };
      },
    }),
  ];
}

function toBody({ id, type, source, data, createdAt }: Event) {
  return { id, type, source, data, createdAt };
}
