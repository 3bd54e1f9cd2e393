import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../access/index.ts";
import { credentialSchema } from "../credentials/index.ts";
import { toPage, toPageRequest } from "../paging.ts";
import type { Connections } from "./connections.ts";
import {
  connectionConfig,
  connectionName,
  connectionRequests,
  connectionSchema,
  connectionStatus,
} from "./schemas.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });
const name = connectionName;
const config = connectionConfig;
/** The others are for the host to say. */
const wishedStatus = Type.Union([Type.Literal("active"), Type.Literal("inactive")]);

/** A tenant's accounts at vendors. */
export function createConnectionRoutes({ connections }: { connections: Connections }): Route[] {
  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/connections",
      operationId: "createConnection",
      summary: "Connect an account at the vendor",
      tags: ["connections"],
      access: { scope: "connections:write" },
      body: Type.Object({
        installId: id,
        name,
        config: Type.Optional(config),
        requests: Type.Optional(connectionRequests),
        auth: credentialSchema,
      }),
      responses: { 201: { description: "The connection.", schema: connectionSchema } },
      errors: [
        "tenant-not-found",
        "connections-limit-exceeded",
        "install-not-found",
        "install-disabled",
        "install-changing",
        "auth-not-supported",
        "credential-invalid",
        "connection-config-invalid",
      ],
      async handler({ identity, body }) {
        const connection = await connections.create(identity.tenantId, {
          ...body,
          config: body.config ?? {},
        });
        return {
          status: 201,
          body: connection,
          headers: { Location: `/api/v1/connections/${connection.id}` },
        };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/connections",
      operationId: "listConnections",
      summary: "List connections in the order of their creation",
      tags: ["connections"],
      access: { scope: "connections:read" },
      query: Type.Object({
        ...pageQuery,
        installId: Type.Optional(id),
        plugin: Type.Optional(
          Type.String({ minLength: 3, maxLength: 110, description: "Accounts at this plugin's vendor." }),
        ),
        category: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 40,
            description:
              "Accounts of this kind, such as `crm` or `payments`: one of the plugin's categories.",
          }),
        ),
        status: Type.Optional(connectionStatus),
      }),
      responses: { 200: { description: "One page.", schema: page(connectionSchema) } },
      errors: [],
      async handler({ identity, query }) {
        const request = toPageRequest(query);
        const { installId, plugin, category, status } = query;
        const filter = {
          ...(installId !== undefined && { installId }),
          ...(plugin !== undefined && { plugin }),
          ...(category !== undefined && { category }),
          ...(status !== undefined && { status }),
        };
        return {
          status: 200,
          body: toPage(await connections.list(identity.tenantId, { ...request, ...filter }), request),
        };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id",
      operationId: "getConnection",
      summary: "Read a connection",
      tags: ["connections"],
      access: { scope: "connections:read" },
      params: Type.Object({ id }),
      responses: { 200: { description: "The connection.", schema: connectionSchema } },
      errors: ["connection-not-found"],
      async handler({ identity, params }) {
        return { status: 200, body: await connections.get(identity.tenantId, params.id) };
      },
    }),

    tenantRoute({
      method: "PATCH",
      path: "/api/v1/connections/:id",
      operationId: "updateConnection",
      summary: "Rename, reconfigure, switch on or off, or give a new credential",
      tags: ["connections"],
      access: { scope: "connections:write" },
      params: Type.Object({ id }),
      body: Type.Object({
        name: Type.Optional(name),
        status: Type.Optional(wishedStatus),
        config: Type.Optional(config),
        requests: Type.Optional(connectionRequests),
        auth: Type.Optional(credentialSchema),
      }),
      responses: { 200: { description: "The connection as it is now.", schema: connectionSchema } },
      errors: [
        "tenant-not-found",
        "connection-not-found",
        "connection-has-no-credential",
        "install-not-found",
        "install-changing",
        "auth-not-supported",
        "credential-invalid",
        "connection-config-invalid",
      ],
      async handler({ identity, params, body }) {
        return { status: 200, body: await connections.update(identity.tenantId, params.id, body) };
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: "/api/v1/connections/:id",
      operationId: "deleteConnection",
      summary: "Delete a connection and its credential",
      tags: ["connections"],
      access: { scope: "connections:write" },
      params: Type.Object({ id }),
      responses: { 204: { description: "It is gone." } },
      errors: ["connection-not-found"],
      async handler({ identity, params }) {
        await connections.remove(identity.tenantId, params.id);
        return { status: 204 };
      },
    }),
  ];
}
