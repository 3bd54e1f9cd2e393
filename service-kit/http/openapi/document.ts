import type { ErrorTable } from "../errors.ts";
import { httpErrors } from "../http-errors.ts";
import type { Route } from "../route.ts";
import { createComponents } from "./components.ts";
import { errorCodesOf, operation } from "./operation.ts";
import { problemSchema } from "./problem-schema.ts";

type Json = Record<string, unknown>;

export interface OpenApiInfo {
  title: string;
  version: string;
  /** Markdown. */
  description: string;
  /** OpenAPI security schemes by name. */
  securitySchemes?: Record<string, object>;
  /** Which of them a route asks for, by its access. Default: any one of them. */
  security?(access: unknown): Record<string, string[]>[];
  servers?: { url: string; description?: string }[];
  /** In the order in which documentation shows them. */
  tags?: { name: string; description?: string }[];
}

export interface OpenApiOptions extends OpenApiInfo {
  /** The error table of the service; that of the HTTP layer is added. */
  errors: ErrorTable;
  errorDocsPath?: string;
}

/** Describes routes as an OpenAPI 3.1 document. @throws what `checkRoutes` throws */
export function buildOpenApi(routes: Route[], o: OpenApiOptions): Json {
  const errors = { ...httpErrors.table, ...o.errors };
  checkRoutes(routes, errors);
  const schemes = Object.keys(o.securitySchemes ?? {});
  const security = o.security ?? (() => schemes.map((name) => ({ [name]: [] })));
  const { schemas, reference } = createComponents();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operation(route, {
        reference,
        errors,
        errorDocsPath: o.errorDocsPath ?? "/docs/errors",
        security,
      }),
    };
  }
  return {
    openapi: "3.1.0",
    info: { title: o.title, version: o.version, description: o.description },
    ...(o.servers ? { servers: o.servers } : {}),
    ...(o.tags ? { tags: o.tags } : {}),
    paths,
    components: {
      schemas: { ...schemas, Problem: problemSchema },
      ...(o.securitySchemes ? { securitySchemes: o.securitySchemes } : {}),
    },
  };
}

function openApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}").replace("*", "{path}");
}

/** @throws TypeError if two routes share an operationId, or one names an error code that is in no table. */
export function checkRoutes(routes: Route[], errors: ErrorTable): void {
  const seen = new Set<string>();
  for (const route of routes) {
    if (seen.has(route.operationId))
      throw new TypeError(`Two routes have the operationId ${route.operationId}.`);
    seen.add(route.operationId);
    const unknown = errorCodesOf(route).filter((code) => !errors[code]);
    if (unknown.length > 0) {
      throw new TypeError(
        `The route ${route.operationId} declares errors that are in no table: ${unknown.join(", ")}.`,
      );
    }
  }
}
