import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { RegistryDatabase } from "../tables.ts";
import { onBehalf, type ViewerOf, viewingErrors } from "../viewing.ts";
import { readLog, readLogEntry } from "./log.ts";
import { LogEntryWithBody, LogPage, logPageSize } from "./schemas.ts";

const place = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export function logRoutes({ db, viewerOf }: { db: RegistryDatabase; viewerOf: ViewerOf }): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/log",
      operationId: "getLog",
      summary: "The public log after a place",
      description: `At most ${logPageSize} entries, each of which names the digest of the one before. A checkpoint signs the last.`,
      tags: ["trust"],
      access: "public",
      query: Type.Object({ after: Type.Optional(place) }),
      responses: { 200: { description: "The entries, oldest first.", schema: LogPage } },
      errors: [],
      async handler({ query }) {
        const items = await readLog(db, { after: query.after ?? 0, limit: logPageSize });
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/log/:seq",
      operationId: "getLogEntry",
      summary: "One entry of the log, with what was said",
      tags: ["trust"],
      access: "public",
      params: Type.Object({ seq: Type.String({ pattern: "^[1-9][0-9]{0,9}$" }) }),
      query: Type.Object(onBehalf),
      responses: { 200: { description: "The entry.", schema: LogEntryWithBody } },
      errors: ["log-entry-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        return {
          status: 200,
          body: await readLogEntry(db, viewer, Math.min(Number(params.seq), 2 ** 31 - 1)),
        };
      },
    }),
  ];
}
