export { guardTenants } from "./guard.ts";
export { createHostAccess, type HostAccess, type HostIdentity } from "./host-access.ts";
export { hostAccessRoutes } from "./routes.ts";
export { createTenants, type Tenants } from "./tenants.ts";
