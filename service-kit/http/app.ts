import Koa from "koa";
import type { Logger, Metrics } from "../observe/index.ts";
import { errorPageRoute } from "./error-page.ts";
import type { ErrorTable } from "./errors.ts";
import { httpErrors } from "./http-errors.ts";
import { accessLog } from "./middleware/access-log.ts";
import { type CorsOptions, crossOrigin } from "./middleware/cross-origin.ts";
import { dispatch } from "./middleware/dispatch.ts";
import { errorsToProblems, onConnectionError } from "./middleware/errors.ts";
import { httpMetrics } from "./middleware/http-metrics.ts";
import { observe } from "./middleware/observe.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { buildOpenApi, checkRoutes, type OpenApiInfo, openApiRoute } from "./openapi/index.ts";
import type { RequestHead, Route } from "./route.ts";
import { createRouter } from "./router.ts";

export interface HttpAppOptions {
  routes: Route[];
  /**
   * Says who is calling, for routes whose access is not `"public"`.
   * Throws `unauthorized` or `forbidden`; may set headers on `request.ctx`.
   */
  authenticate(request: RequestHead, access: unknown): Promise<unknown>;
  /** The error table of the service; that of the HTTP layer is added. */
  errors: ErrorTable;
  logger: Logger;
  metrics: Metrics;
  openapi: OpenApiInfo & {
    /** Serve the document at this path. */
    path?: string;
  };
  /** How many reverse proxies stand in front and may be believed about the client's address. Default 0. */
  trustProxy?: number;
  cors?: CorsOptions;
  /** Koa middleware that runs before the routes, such as one that serves pages. */
  use?: Koa.Middleware[];
  /** Hold every reply against its declared schema, and fail if it does not fit. For tests. */
  checkResponses?: boolean;
  /** Where the page that explains the error codes is served, an anchor for each. Default `/docs/errors`. */
  errorDocsPath?: string;
}

/**
 * Builds the HTTP application of a service from its routes.
 *
 * @throws TypeError if two routes clash, or one declares an error code that is in no table.
 */
export function createHttpApp(o: HttpAppOptions): Koa {
  const errors = { ...httpErrors.table, ...o.errors };
  const docsPath = o.errorDocsPath ?? "/docs/errors";
  const documented = [...o.routes, errorPageRoute(docsPath, errors, o.openapi.title)];
  checkRoutes(documented, errors);
  const describe = () => buildOpenApi(documented, { ...o.openapi, errors, errorDocsPath: docsPath });
  const routes = o.openapi.path ? [...documented, openApiRoute(o.openapi.path, describe)] : documented;

  const app = new Koa({ proxy: (o.trustProxy ?? 0) > 0, maxIpsCount: o.trustProxy ?? 0 });
  const problems = { logger: o.logger, docsPath };
  app.context.onerror = onConnectionError(problems);
  // Koa passes the failure of a reply stream on only if someone listens here.
  app.on("error", () => {});

  app.use(requestId);
  app.use(securityHeaders());
  app.use(observe([accessLog(o.logger), httpMetrics(o.metrics)]));
  app.use(errorsToProblems(problems));
  if (o.cors) app.use(crossOrigin(o.cors));
  for (const middleware of o.use ?? []) app.use(middleware);
  app.use(
    dispatch({
      router: createRouter(routes),
      authenticate: o.authenticate,
      logger: o.logger,
      checkResponses: o.checkResponses ?? false,
    }),
  );
  return app;
}
