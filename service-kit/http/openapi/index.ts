export { buildOpenApi, checkRoutes, type OpenApiInfo, type OpenApiOptions } from "./document.ts";
export { openApiRoute } from "./route.ts";
