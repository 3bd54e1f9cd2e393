import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../access/index.ts";
import { connectionStatus, statusReason } from "../schemas.ts";
import type { ConnectionHealth } from "./health.ts";

const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const timestamp = Type.String({ format: "date-time" });

const checkFields = {
  outcome: Type.Union(
    [Type.Literal("ok"), Type.Literal("refused"), Type.Literal("failed"), Type.Literal("unreachable")],
    {
      description:
        "`refused`: the vendor did not take the credential. `unreachable`: it could not be asked. `failed`: it answered with something else.",
    },
  ),
  httpStatus: Type.Union([Type.Integer(), Type.Null()]),
  durationMs: Type.Integer(),
};

const healthSchema = Type.Object(
  {
    status: connectionStatus,
    statusReason,
    state: Type.Union([Type.Literal("unknown"), Type.Literal("healthy"), Type.Literal("failing")]),
    failures: Type.Integer({ description: "Failed checks in a row." }),
    nextCheckAt: Type.Union([timestamp, Type.Null()]),
    credentialExpiresAt: Type.Union([timestamp, Type.Null()]),
    checks: Type.Array(Type.Object({ ...checkFields, checkedAt: timestamp }), {
      description: "The latest first.",
    }),
  },
  { title: "ConnectionHealth" },
);

/** How connections are. */
export function createHealthRoutes({ health }: { health: ConnectionHealth }): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/health",
      operationId: "getConnectionHealth",
      summary: "How a connection is",
      tags: ["connections"],
      access: { scope: "connections:read" },
      params,
      responses: {
        200: { description: "What the host knows; nobody is asked for it.", schema: healthSchema },
      },
      errors: ["connection-not-found"],
      async handler({ identity, params: { id } }) {
        return { status: 200, body: await health.get(identity.tenantId, id) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/test",
      operationId: "testConnection",
      summary: "Try the credential now, with the request that the plugin declares for that",
      tags: ["connections"],
      access: { scope: "connections:write" },
      params,
      responses: {
        200: {
          description: "How it went. What follows from it for the status is in the connection.",
          schema: Type.Object(
            { ...checkFields, status: connectionStatus, statusReason },
            { title: "ConnectionTest" },
          ),
        },
      },
      errors: ["connection-not-found", "connection-not-testable", "connection-has-no-credential"],
      async handler({ identity, params: { id }, signal }) {
        const result = await health.test(identity.tenantId, id, signal);
        const { status, statusReason: reason } = await health.get(identity.tenantId, id);
        return { status: 200, body: { ...result, status, statusReason: reason } };
      },
    }),
  ];
}
