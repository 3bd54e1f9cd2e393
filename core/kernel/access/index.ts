export { type ApiKeys, createApiKeys } from "./api-keys.ts";
export { type Authenticate, createAuthenticate } from "./authenticate.ts";
export { type Authors, createAuthors } from "./authors.ts";
export { holdTenant } from "./hold-tenant.ts";
export { type Access, type Identity, type TenantIdentity, tenantOf } from "./identity.ts";
export { adminRoute, sharedRoute, tenantRoute } from "./route-kinds.ts";
export { createAccessRoutes } from "./routes.ts";
export { coversScope } from "./scopes.ts";
export { createTenants, type Tenants } from "./tenants.ts";
