import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { publisherName, tenantId } from "../names.ts";
import type { PublisherLinks } from "./links.ts";
import * as schemas from "./schemas.ts";

const all = "/registry/v1/tenants/:tenantId/publishers";
const one = `${all}/:publisher`;
const ofLink = Type.Object({ tenantId, publisher: publisherName });
const tags = ["policies"];

/** For hosts, in the name of whoever administers a tenant. */
export function publisherLinkRoutes(links: PublisherLinks): Route[] {
  return [
    route({
      method: "GET",
      path: all,
      operationId: "listTenantPublishers",
      summary: "Who publishes private plugins for a tenant",
      tags,
      access: "host",
      params: Type.Object({ tenantId }),
      responses: { 200: { description: "The publishers.", schema: schemas.PublisherLinks } },
      errors: [],
      async handler({ params }) {
        return { status: 200, body: { items: await links.list(params.tenantId) } };
      },
    }),
    route({
      method: "PUT",
      path: one,
      operationId: "linkTenantPublisher",
      summary: "Have a publisher publish private plugins for a tenant",
      description:
        "The host asks for the tenant, and the publisher's signature agrees. A package whose `plugin.json` says `private` is then for this tenant alone.",
      tags,
      access: "host",
      params: ofLink,
      body: schemas.LinkRequest,
      maxBodyBytes: 16 * 1024,
      responses: { 200: { description: "They are linked.", schema: schemas.PublisherLink } },
      errors: [
        "claim-invalid",
        "publisher-key-unknown",
        "publisher-linked",
        "publisher-not-found",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
      ],
      async handler({ params, body }) {
        return { status: 200, body: await links.link(params.tenantId, params.publisher, body.claim) };
      },
    }),
    route({
      method: "DELETE",
      path: one,
      operationId: "unlinkTenantPublisher",
      summary: "Have a publisher publish for the tenant no more",
      description: "What it has published stays, and stays private.",
      tags,
      access: "host",
      params: ofLink,
      responses: { 204: { description: "They are not linked." } },
      errors: ["publisher-link-not-found"],
      async handler({ params }) {
        await links.unlink(params.tenantId, params.publisher);
        return { status: 204 };
      },
    }),
  ];
}
