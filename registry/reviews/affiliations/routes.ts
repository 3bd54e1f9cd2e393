import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../../access.ts";
import { publisherName, tenantId } from "../../names.ts";
import type { Affiliations } from "./affiliations.ts";

const tenants = "/registry/v1/publishers/:publisher/tenants";
const link = { publisher: publisherName, tenantId };

export function affiliationRoutes(affiliations: Affiliations): Route[] {
  return [
    route({
      method: "GET",
      path: tenants,
      operationId: "listPublisherTenants",
      summary: "Tenants that belong to a publisher",
      tags: ["moderation"],
      access: "operator",
      params: Type.Object({ publisher: publisherName }),
      responses: {
        200: { description: "Their ids.", schema: Type.Object({ items: Type.Array(Type.String()) }) },
      },
      errors: ["publisher-not-found"],
      async handler({ params }) {
        return { status: 200, body: { items: await affiliations.list(params.publisher) } };
      },
    }),
    route({
      method: "PUT",
      path: `${tenants}/:tenantId`,
      operationId: "linkPublisherTenant",
      summary: "Say that a tenant belongs to a publisher",
      description:
        "It reviews none of the publisher's plugins from now on, and what it has said of them so far is hidden.",
      tags: ["moderation"],
      access: "operator",
      params: Type.Object(link),
      responses: { 204: { description: "It belongs to it." } },
      errors: ["publisher-not-found"],
      async handler({ params }) {
        await affiliations.link(params.publisher, params.tenantId);
        return { status: 204 };
      },
    }),
    route({
      method: "DELETE",
      path: `${tenants}/:tenantId`,
      operationId: "unlinkPublisherTenant",
      summary: "Say that a tenant no longer belongs to a publisher",
      tags: ["moderation"],
      access: "operator",
      params: Type.Object(link),
      responses: { 204: { description: "It does not belong to it." } },
      errors: ["publisher-not-found"],
      async handler({ params }) {
        await affiliations.unlink(params.publisher, params.tenantId);
        return { status: 204 };
      },
    }),
  ];
}
