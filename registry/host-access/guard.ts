import type { Route, RouteRequest } from "@plugboard/service-kit/http";
import type { TSchema } from "typebox";
import type { HostIdentity } from "./host-access.ts";
import type { Tenants } from "./tenants.ts";

/** What hosts do in nobody's name, or for many tenants at once: these look themselves whose each one is. */
const namesNoTenant = new Set(["announceHost", "checkUpdates", "reportUsage"]);

type Part = "params" | "query" | "body";
const parts: Part[] = ["params", "query", "body"];

/**
 * Holds every route for hosts to the tenants of the host that calls: where something is changed the tenant becomes the
 * host's, if it is nobody's.
 *
 * @throws TypeError if a route for hosts neither names a tenant nor is one of those that need not: nobody forgets to ask
 */
export function guardTenants(routes: Route[], tenants: Pick<Tenants, "claim" | "requireReadable">): Route[] {
  return routes.map((route) => (route.access === "host" ? guard(route, tenants) : route));
}

function guard(route: Route, tenants: Pick<Tenants, "claim" | "requireReadable">): Route {
  if (namesNoTenant.has(route.operationId)) return route;
  const named = parts.filter((part) => declaresTenant(route[part]));
  if (named.length === 0)
    throw new TypeError(`The route ${route.operationId} is for hosts and names no tenant.`);
  return {
    ...route,
    errors: [...route.errors, "tenant-of-another-host"],
    async handler(request) {
      const { host } = request.identity as HostIdentity;
      for (const part of named) {
        const tenantId = tenantOf(request, part);
        if (route.method === "GET") await tenants.requireReadable(tenantId, host);
        else await tenants.claim(tenantId, host);
      }
      return route.handler(request);
    },
  };
}

function declaresTenant(schema: unknown): boolean {
  const { properties, required } = (schema ?? {}) as {
    properties?: Record<string, TSchema>;
    required?: string[];
  };
  return properties?.tenantId !== undefined && required?.includes("tenantId") === true;
}

/** The schema has seen to it that there is one. */
function tenantOf(request: RouteRequest, part: Part): string {
  return (request[part] as { tenantId: string }).tenantId;
}
