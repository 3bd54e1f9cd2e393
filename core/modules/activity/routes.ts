import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../kernel/access/index.ts";
import type { EgressBroker } from "../../kernel/capabilities/index.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import { sequencePosition, toPageRequest, toSequencePage } from "../../kernel/paging.ts";
import {
  type Activity,
  keptLinesPerConnection,
  keptLogDays,
  keptMetricDays,
  type StoredLine,
} from "./activity.ts";
import { levels } from "./log-line.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });
const time = Type.String({ format: "date-time" });
const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const dayMs = 86_400_000;
const levelSchema = (description: string) =>
  Type.Union([Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn"), Type.Literal("error")], {
    description,
  });

const metricsSchema = Type.Object(
  {
    from: time,
    to: time,
    total: Type.Integer(),
    ok: Type.Integer(),
    failed: Type.Integer({ description: "Without an answer, or with a status from 400 up." }),
    averageMs: figure("Redirects, retries and waiting for its turn included; null if there was none."),
    p95Ms: figure("Within a fifth of what it is."),
    successRate: figure("From 0 to 1."),
    errorRate: figure("From 0 to 1."),
    lastActivityAt: Type.Union([time, Type.Null()]),
    circuits: Type.Array(
      Type.Object({
        host: Type.String(),
        state: Type.Union([Type.Literal("open"), Type.Literal("half-open"), Type.Literal("closed")]),
        since: time,
      }),
      {
        description:
          "Hosts that are left alone for a while because they failed too often, on this host of ours.",
      },
    ),
  },
  { title: "ConnectionMetrics" },
);

const lineSchema = Type.Object(
  {
    id: Type.String(),
    at: time,
    level: levelSchema("How it went."),
    method: Type.Union([Type.String(), Type.Null()]),
    host: Type.String({ description: "As the plugin's permissions write it." }),
    path: Type.Union([Type.String(), Type.Null()], {
      description: "Without the query; long parts that nobody could guess are left out.",
    }),
    status: Type.Union([Type.Integer(), Type.Null()], {
      description: "The vendor's; null without an answer.",
    }),
    code: Type.String({ description: "`ok`, or why there was no answer." }),
    durationMs: Type.Integer(),
    attempts: Type.Integer(),
  },
  { title: "ConnectionLogLine" },
);

/** What went over a connection, for its owner. */
export function createActivityRoutes(kernel: {
  activity: Pick<Activity, "metrics" | "logs">;
  connections: Pick<Connections, "get">;
  egress: Pick<EgressBroker, "circuitsOf">;
  now?: (() => number) | undefined;
}): Route[] {
  const { activity, connections, egress, now = Date.now } = kernel;
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/metrics",
      operationId: "getConnectionMetrics",
      summary: "Read how requests over a connection went",
      description: `By whole minutes, of the last day if nothing else is asked for. Kept for ${keptMetricDays} days; written down every second.`,
      tags: ["connections"],
      access: { scope: "connections:read" },
      params: Type.Object({ id }),
      query: Type.Object({ from: Type.Optional(time), to: Type.Optional(time) }),
      responses: { 200: { description: "The figures.", schema: metricsSchema } },
      errors: ["connection-not-found"],
      async handler({ identity, params, query }) {
        const { id: connectionId } = await connections.get(identity.tenantId, params.id);
        const to = query.to === undefined ? new Date(now()) : new Date(query.to);
        const from = query.from === undefined ? new Date(to.getTime() - dayMs) : new Date(query.from);
        const found = await activity.metrics(identity.tenantId, connectionId, from, to);
        const circuits = egress.circuitsOf(connectionId).map(({ since, ...circuit }) => ({
          ...circuit,
          since: new Date(since).toISOString(),
        }));
        return { status: 200, body: { from: from.toISOString(), to: to.toISOString(), ...found, circuits } };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/logs",
      operationId: "listConnectionLogs",
      summary: "List requests over a connection, the newest first",
      description: `Kept for ${keptLogDays} days, and the last ${keptLinesPerConnection.toLocaleString("en-US")} of a connection; of more than a hundred within a second some are left out. Neither queries nor headers nor bodies are written down.`,
      tags: ["connections"],
      access: { scope: "connections:read" },
      params: Type.Object({ id }),
      query: Type.Object({
        ...pageQuery,
        level: Type.Optional(levelSchema("This level and those above it.")),
        q: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 200,
            description: "Somewhere in method, host, path, status or code.",
          }),
        ),
        from: Type.Optional(time),
        to: Type.Optional(time),
      }),
      responses: { 200: { description: "One page.", schema: page(lineSchema) } },
      errors: ["connection-not-found"],
      async handler({ identity, params, query }) {
        const { id: connectionId } = await connections.get(identity.tenantId, params.id);
        const request = toPageRequest(query, sequencePosition);
        const filter = {
          ...(query.level !== undefined && { level: query.level }),
          ...(query.q !== undefined && { q: query.q }),
          ...(query.from !== undefined && { from: new Date(query.from) }),
          ...(query.to !== undefined && { to: new Date(query.to) }),
        };
        const found = await activity.logs(identity.tenantId, connectionId, filter, request);
        return { status: 200, body: toSequencePage(found, request, toBody) };
      },
    }),
  ];
}

function toBody(line: StoredLine) {
  const { id: lineId, at, level, method, host, path, status, code, duration_ms, attempts } = line;
  return {
    id: lineId,
    at: at.toISOString(),
    level: levels[level] ?? "info",
    method,
    host,
    path,
    status,
    code,
    durationMs: duration_ms,
    attempts,
  };
}
