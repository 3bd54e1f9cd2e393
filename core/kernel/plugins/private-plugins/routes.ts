import { type PrivatePluginClient, PublisherLink, PublisherLinks } from "@plugboard/registry/client";
import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../access/index.ts";
import { asCoreError } from "../registry-problems.ts";

const unreachable = ["registry-refused", "registry-unavailable"];
const tags = ["policies"];
const ofPublisher = Type.Object({ publisher: Type.String({ minLength: 1, maxLength: 64 }) });

/**
 * Who publishes private plugins for a tenant. The packages themselves go to the registry, signed by the publisher: what
 * counts is the signature, and this host has no say in it.
 */
export function createPublisherLinkRoutes({ registry }: { registry: PrivatePluginClient }): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/publishers",
      operationId: "listPublishers",
      summary: "Who publishes private plugins for this tenant",
      tags,
      access: { scope: "policy:read" },
      responses: {
        200: {
          description: "The publishers, and what one signs to become one.",
          schema: Type.Object({
            ...PublisherLinks.properties,
            audience: Type.String({ description: "For `plugboard keys claim <publisher> --audience`." }),
          }),
        },
      },
      errors: unreachable,
      async handler({ identity: { tenantId } }) {
        const { items } = await passedOn(registry.listLinkedPublishers(tenantId));
        return { status: 200, body: { items, audience: `plugboard-tenant:${tenantId}` } };
      },
    }),
    tenantRoute({
      method: "PUT",
      path: "/api/v1/publishers/:publisher",
      operationId: "linkPublisher",
      summary: "Have a publisher publish private plugins for this tenant",
      description:
        'What it publishes with `"private": true` in `plugin.json` is then seen by this tenant and nobody else. It is installed as everything is: under the tenant\'s policy, with its consent.',
      tags,
      access: { scope: "policy:write" },
      params: ofPublisher,
      body: Type.Object({
        claim: Type.String({
          maxLength: 8192,
          description:
            "What `plugboard keys claim` gives for the audience that `GET /api/v1/publishers` names.",
        }),
      }),
      responses: { 200: { description: "They are linked.", schema: PublisherLink } },
      errors: ["claim-invalid", "publisher-linked", "publisher-not-found", ...unreachable],
      async handler({ identity, params, body }) {
        const linked = registry.linkPublisher(identity.tenantId, params.publisher, body.claim);
        return { status: 200, body: await passedOn(linked) };
      },
    }),
    tenantRoute({
      method: "DELETE",
      path: "/api/v1/publishers/:publisher",
      operationId: "unlinkPublisher",
      summary: "Have a publisher publish for this tenant no more",
      description: "What it has published stays, and stays private; uninstall it, or deny it in the policy.",
      tags,
      access: { scope: "policy:write" },
      params: ofPublisher,
      responses: { 204: { description: "They are not linked." } },
      errors: ["publisher-link-not-found", ...unreachable],
      async handler({ identity, params }) {
        await passedOn(registry.unlinkPublisher(identity.tenantId, params.publisher));
        return { status: 204 };
      },
    }),
  ];
}

async function passedOn<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error) => {
    throw asCoreError(error);
  });
}
