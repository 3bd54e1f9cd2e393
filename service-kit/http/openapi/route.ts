import { entityTag } from "../etag.ts";
import type { Route } from "../route.ts";

/** A public route that serves the document, which is made when it is asked for the first time. */
export function openApiRoute(path: string, describe: () => object): Route {
  const make = () => {
    const body = Buffer.from(JSON.stringify(describe()), "utf8");
    const headers = { "Content-Type": "application/json; charset=utf-8", ETag: entityTag(body) };
    return { status: 200, body, headers } as const;
  };
  let reply: ReturnType<typeof make> | undefined;
  return {
    method: "GET",
    path,
    operationId: "getOpenApiDocument",
    summary: "This API, described in OpenAPI 3.1",
    tags: ["documentation"],
    access: "public",
    responses: { 200: { description: "The OpenAPI document.", mediaType: "application/json" } },
    errors: [],
    async handler() {
      reply ??= make();
      return reply;
    },
  };
}
