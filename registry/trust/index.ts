export { trustRoutes } from "./routes.ts";
export { createTrust, type Trust } from "./trust.ts";
export { verifySigned } from "./verify-signed.ts";
