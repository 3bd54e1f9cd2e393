import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { tenantId } from "../names.ts";
import type { HostAccess } from "./host-access.ts";
import {
  HostAccounts,
  hostName,
  hostTokenId,
  NewHost,
  NewHostToken,
  TenantHost,
  TenantMove,
} from "./schemas.ts";
import type { Tenants } from "./tenants.ts";

const tags = ["hosts"];
const hosts = "/registry/v1/host-accounts";

export function hostAccessRoutes({ access, tenants }: { access: HostAccess; tenants: Tenants }): Route[] {
  return [
    route({
      method: "POST",
      path: hosts,
      operationId: "addHost",
      summary: "Let a host in, under a name of its own",
      description: "Its first token is shown this once. A host speaks for its own tenants alone.",
      tags,
      access: "operator",
      body: NewHost,
      responses: { 201: { description: "The host's first token.", schema: NewHostToken } },
      errors: ["host-name-taken"],
      async handler({ body }) {
        return { status: 201, body: await access.add(body.name) };
      },
    }),
    route({
      method: "GET",
      path: hosts,
      operationId: "listHosts",
      summary: "The hosts that are let in, and the beginnings of their tokens",
      tags,
      access: "operator",
      responses: { 200: { description: "By name.", schema: HostAccounts } },
      errors: [],
      async handler() {
        return { status: 200, body: { items: await access.list() } };
      },
    }),
    route({
      method: "POST",
      path: `${hosts}/:name/tokens`,
      operationId: "addHostToken",
      summary: "Give a host a further token; the ones before go on counting",
      tags,
      access: "operator",
      params: Type.Object({ name: hostName }),
      responses: { 201: { description: "The token, shown this once.", schema: NewHostToken } },
      errors: ["host-not-found"],
      async handler({ params }) {
        return { status: 201, body: await access.addToken(params.name) };
      },
    }),
    route({
      method: "DELETE",
      path: `${hosts}/:name/tokens/:id`,
      operationId: "revokeHostToken",
      summary: "Let nobody in with this token any more, from now on",
      tags,
      access: "operator",
      params: Type.Object({ name: hostName, id: hostTokenId }),
      responses: { 204: { description: "It counts for nothing." } },
      errors: ["host-token-not-found"],
      async handler({ params }) {
        await access.revokeToken(params.name, params.id);
        return { status: 204 };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/tenants/:tenantId/host",
      operationId: "getTenantHost",
      summary: "Which host speaks for a tenant, and what the operator changed of it",
      tags,
      access: "operator",
      params: Type.Object({ tenantId }),
      responses: { 200: { description: "The host.", schema: TenantHost } },
      errors: ["tenant-not-found"],
      async handler({ params }) {
        return { status: 200, body: await tenants.get(params.tenantId) };
      },
    }),
    route({
      method: "PUT",
      path: "/registry/v1/tenants/:tenantId/host",
      operationId: "moveTenant",
      summary: "Have another host speak for a tenant",
      description: "The host before may not any more. The reason is kept.",
      tags,
      access: "operator",
      params: Type.Object({ tenantId }),
      body: TenantMove,
      responses: { 200: { description: "The host.", schema: TenantHost } },
      errors: ["host-not-found"],
      async handler({ params, body }) {
        return { status: 200, body: await tenants.move(params.tenantId, body) };
      },
    }),
  ];
}
