import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../access/index.ts";
import { credentialSchema } from "../credentials/index.ts";
import { connectionConfig, connectionName, connectionRequests, connectionSchema } from "./schemas.ts";
import type { Transfers } from "./transfer.ts";

const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const auth = Type.Optional(credentialSchema);

const exportedSchema = Type.Object(
  {
    format: Type.Literal("plugboard-connection-1"),
    plugin: Type.String({ minLength: 3, maxLength: 110 }),
    name: connectionName,
    config: connectionConfig,
    requests: Type.Optional(connectionRequests),
    auth: Type.Object({
      type: Type.String({ maxLength: 40 }),
      grant: Type.Optional(Type.String({ maxLength: 40 })),
    }),
  },
  { title: "ExportedConnection" },
);

const creationErrors = [
  "tenant-not-found",
  "connections-limit-exceeded",
  "install-not-found",
  "install-disabled",
  "install-changing",
  "auth-not-supported",
  "credential-invalid",
  "connection-config-invalid",
];

/** Configuration of connections, carried elsewhere without what is secret. */
export function createTransferRoutes({ transfers }: { transfers: Transfers }): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/export",
      operationId: "exportConnection",
      summary: "A connection's configuration, without the credential",
      tags: ["connections"],
      access: { scope: "connections:read" },
      params,
      responses: { 200: { description: "For `POST /api/v1/connections/import`.", schema: exportedSchema } },
      errors: ["connection-not-found"],
      async handler({ identity, params: { id } }) {
        return { status: 200, body: await transfers.export(identity.tenantId, id) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/import",
      operationId: "importConnection",
      summary: "Make a connection from an exported configuration",
      description:
        "Under this tenant's install of the same plugin. Without `auth` the connection is `configuring` until it gets its credential.",
      tags: ["connections"],
      access: { scope: "connections:write" },
      body: Type.Object({ connection: exportedSchema, auth }),
      responses: { 201: { description: "The connection.", schema: connectionSchema } },
      errors: creationErrors,
      async handler({ identity, body }) {
        const connection = await transfers.import(identity.tenantId, body.connection, body.auth);
        return created(connection);
      },
    }),

    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/clone",
      operationId: "cloneConnection",
      summary: "Make a connection with the configuration of another one",
      description:
        "The credential is not copied: give one, or the clone is `configuring` until it gets its own.",
      tags: ["connections"],
      access: { scope: "connections:write" },
      params,
      body: Type.Object({
        name: connectionName,
        config: Type.Optional(connectionConfig),
        requests: Type.Optional(connectionRequests),
        auth,
      }),
      responses: { 201: { description: "The connection.", schema: connectionSchema } },
      errors: ["connection-not-found", ...creationErrors],
      async handler({ identity, params: { id }, body }) {
        return created(await transfers.clone(identity.tenantId, id, body));
      },
    }),
  ];
}

function created<Body extends { id: string }>(body: Body) {
  return { status: 201 as const, body, headers: { Location: `/api/v1/connections/${body.id}` } };
}
