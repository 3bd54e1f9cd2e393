import { Type } from "typebox";
import { checkHealth, type HealthCheck, type Metrics } from "../observe/index.ts";
import { type Route, route } from "./route.ts";

const checkSchema = Type.Object(
  {
    status: Type.Union([Type.Literal("ok"), Type.Literal("failed")]),
    durationMs: Type.Number(),
    message: Type.Optional(Type.String()),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { title: "HealthCheckResult" },
);

const healthSchema = Type.Object(
  {
    status: Type.Union([Type.Literal("ok"), Type.Literal("degraded"), Type.Literal("failed")]),
    checks: Type.Record(Type.String(), checkSchema),
  },
  { title: "Health" },
);

export interface OperationRoutesOptions {
  healthPath: string;
  checks: HealthCheck[];
  metrics: Metrics;
}

/** Whether a service can serve, for load balancers and people; its metrics at `/metrics`, for Prometheus. */
export function operationRoutes({ healthPath, checks, metrics }: OperationRoutesOptions): Route[] {
  return [
    route({
      method: "GET",
      path: healthPath,
      operationId: "getHealth",
      summary: "Is this service alive and ready?",
      description: "`degraded` still serves: what failed is not needed for most requests.",
      tags: ["operations"],
      access: "public",
      responses: {
        200: { description: "It serves.", schema: healthSchema },
        503: { description: "It cannot serve.", schema: healthSchema },
      },
      errors: [],
      async handler() {
        const health = await checkHealth(checks);
        return {
          status: health.status === "failed" ? 503 : 200,
          body: health,
          headers: { "Cache-Control": "no-store" },
        };
      },
    }),

    route({
      method: "GET",
      path: "/metrics",
      operationId: "getMetrics",
      summary: "Metrics in the Prometheus text format",
      tags: ["operations"],
      access: "public",
      responses: { 200: { description: "The metrics.", mediaType: "text/plain" } },
      errors: [],
      async handler() {
        return { status: 200, body: await metrics.text(), headers: { "Content-Type": metrics.contentType } };
      },
    }),
  ];
}
