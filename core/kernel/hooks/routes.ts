import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../access/index.ts";
import { toPage, toPageRequest } from "../paging.ts";
import type { HookChanges } from "./hook-changes.ts";

const hookChangeSchema = Type.Object(
  {
    id: Type.String(),
    callId: Type.String({ description: "The call whose value was changed, as its answer named it." }),
    hook: Type.String(),
    plugin: Type.String({ description: "The plugin whose hook changed the value." }),
    version: Type.String(),
    installId: Type.String(),
    connectionId: Type.String(),
    patch: Type.Unknown({
      description: "What was changed, as a JSON Patch (RFC 6902); null if it was too large to be kept.",
    }),
    createdAt: Type.String({ format: "date-time" }),
  },
  { title: "HookChange" },
);

/** What hooks of a tenant's plugins changed. */
export function createHookRoutes({ hookChanges }: { hookChanges: Pick<HookChanges, "list"> }): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/hook-changes",
      operationId: "listHookChanges",
      summary: "List what plugins' hooks changed, the oldest first",
      description:
        "Kept for 30 days, and the last 10,000 of a tenant. What a hook does to the requests and replies of one call in the same way is listed once; of header values, queries and texts only that they changed.",
      tags: ["hooks"],
      access: { scope: "hook-changes:read" },
      query: Type.Object({
        ...pageQuery,
        callId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
      }),
      responses: { 200: { description: "One page.", schema: page(hookChangeSchema) } },
      errors: [],
      async handler({ identity, query }) {
        const request = toPageRequest(query);
        const filter = query.callId === undefined ? {} : { callId: query.callId };
        const found = await hookChanges.list(identity.tenantId, filter, request);
        return { status: 200, body: toPage(found, request) };
      },
    }),
  ];
}
