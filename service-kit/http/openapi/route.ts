import { entityTag } from "../etag.ts";
import type { Route } from "../route.ts";

/** A public route that serves the document. */
export function openApiRoute(path: string, document: object): Route {
  const body = Buffer.from(JSON.stringify(document), "utf8");
  const headers = { "Content-Type": "application/json; charset=utf-8", ETag: entityTag(body) };
  return {
    method: "GET",
    path,
    operationId: "getOpenApiDocument",
    summary: "This API, described in OpenAPI 3.1",
    tags: ["documentation"],
    access: "public",
    responses: { 200: { description: "The OpenAPI document.", mediaType: "application/json" } },
    errors: [],
    handler: async () => ({ status: 200, body, headers }),
  };
}
