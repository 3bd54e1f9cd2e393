import { routeFactory } from "@plugboard/service-kit/http";
import type { AdminIdentity, TenantIdentity } from "./identity.ts";
import type { Scope } from "./scopes.ts";

/** A route inside one tenant: its handler gets the tenant of the API key, and nobody else's things. */
export const tenantRoute = routeFactory<{ scope: Scope }, TenantIdentity>();

/** A route for whoever runs this host. */
export const adminRoute = routeFactory<"admin", AdminIdentity>();

/** A route for both: a tenant's key acts on its tenant, the admin key on the one it names. */
export const sharedRoute = routeFactory<{ scope: Scope; orAdmin: true }, AdminIdentity | TenantIdentity>();
