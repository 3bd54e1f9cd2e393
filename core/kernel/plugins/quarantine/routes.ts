import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { adminRoute } from "../../access/index.ts";
import { toPage, toPageRequest } from "../../paging.ts";
import type { Quarantine } from "./quarantine.ts";

const quarantined = Type.Object(
  {
    id: Type.String(),
    plugin: Type.String(),
    version: Type.String(),
    tenantId: Type.Union([Type.String(), Type.Null()], {
      description: "The tenant that is kept from the release alone; null: all are.",
    }),
    reason: Type.String(),
    crashes: Type.Integer(),
    since: Type.String({ format: "date-time" }),
  },
  { title: "QuarantinedRelease" },
);

/** What this host does not call any more, for whoever runs it. */
export function createQuarantineRoutes({ quarantine }: { quarantine: Quarantine }): Route[] {
  return [
    adminRoute({
      method: "GET",
      path: "/api/v1/quarantines",
      operationId: "listQuarantines",
      summary: "List the releases in quarantine, the oldest first",
      tags: ["quarantines"],
      access: "admin",
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page.", schema: page(quarantined) } },
      errors: [],
      async handler({ query }) {
        const request = toPageRequest(query);
        return { status: 200, body: toPage(await quarantine.list(request), request) };
      },
    }),

    adminRoute({
      method: "DELETE",
      path: "/api/v1/quarantines/:id",
      operationId: "liftQuarantine",
      summary: "Lift a quarantine",
      description:
        "The release is called again, as one that never crashed. Should it go on, it comes back here.",
      tags: ["quarantines"],
      access: "admin",
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
      responses: { 204: { description: "It is lifted." } },
      errors: ["quarantine-not-found"],
      async handler({ params }) {
        await quarantine.lift(params.id);
        return { status: 204 };
      },
    }),
  ];
}
