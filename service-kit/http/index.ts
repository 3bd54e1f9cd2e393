export { createHttpApp, type HttpAppOptions } from "./app.ts";
export type { BodyDeclaration, MultipartBody, MultipartContent, RawBody, UnreadBody } from "./body/index.ts";
export {
  type DefinedErrors,
  defineErrors,
  type ErrorDefinition,
  type ErrorTable,
  PlugboardError,
  type PlugboardErrorOptions,
} from "./errors.ts";
export { entityTag } from "./etag.ts";
export { httpErrors } from "./http-errors.ts";
export { type Listener, listen } from "./listen.ts";
export type { CorsOptions } from "./middleware/cross-origin.ts";
export { buildOpenApi, type OpenApiInfo, type OpenApiOptions } from "./openapi/index.ts";
export { operationRoutes } from "./operation-routes.ts";
export { decodeCursor, encodeCursor, type Page, page, pageQuery } from "./pagination.ts";
export type { ProblemDocument } from "./problem.ts";
export type { Problem } from "./problems.ts";
export {
  type ReplyHeaders,
  type RequestHead,
  type Route,
  type RouteRequest,
  route,
  routeFactory,
  type TypedRoute,
} from "./route.ts";
export { splitTarget } from "./router.ts";
