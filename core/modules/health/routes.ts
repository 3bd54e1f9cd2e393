import type { Route } from "@plugboard/service-kit/http";
import { checkHealth, type HealthCheck, type Metrics } from "@plugboard/service-kit/observe";
import { Type } from "typebox";
import { publicRoute } from "../../kernel/access/index.ts";

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

/** Whether this host can serve, for load balancers and people; its metrics, for Prometheus. */
export function createHealthRoutes({
  checks,
  metrics,
}: {
  checks: HealthCheck[];
  metrics: Metrics;
}): Route[] {
  return [
    publicRoute({
      method: "GET",
      path: "/api/v1/health",
      operationId: "getHealth",
      summary: "Is this host alive and ready?",
      description: "`degraded` still serves: what failed is not needed for calls of installed plugins.",
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

    publicRoute({
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
