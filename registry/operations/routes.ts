import type { Route } from "@plugboard/service-kit/http";
import { checkHealth, type HealthCheck, type Metrics } from "@plugboard/service-kit/observe";
import { Type } from "typebox";
import { route } from "../access.ts";

const Result = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("failed")]),
  durationMs: Type.Number(),
  message: Type.Optional(Type.String()),
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const Health = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("degraded"), Type.Literal("failed")]),
  checks: Type.Record(Type.String(), Result),
});

/** Whether this registry can serve, for load balancers and people; its metrics, for Prometheus. */
export function operationRoutes({ checks, metrics }: { checks: HealthCheck[]; metrics: Metrics }): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/health",
      operationId: "getRegistryHealth",
      summary: "Whether this registry is alive and ready",
      tags: ["operations"],
      access: "public",
      responses: {
        200: { description: "It serves.", schema: Health },
        503: { description: "It cannot serve.", schema: Health },
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
      operationId: "getRegistryMetrics",
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
