export { type Agreement, createEntitlements, type Entitlements } from "./entitlements.ts";
export { createEntitlementRoutes } from "./routes.ts";
