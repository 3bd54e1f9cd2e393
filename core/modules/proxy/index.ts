export { createProxyRoutes } from "./routes.ts";
