import type { PluginExports } from "./compartment.ts";

export interface Tenants {
  /** The plugin's exports in this tenant's own compartment, evaluated when it is first asked for. */
  open(tenantId: string): PluginExports;
  readonly size: number;
}

/**
 * One compartment per tenant. Past `max` the one used longest ago goes: what a plugin keeps in its module's
 * variables is a cache, nothing more.
 */
export function createTenants(evaluate: () => PluginExports, max: number): Tenants {
  const open = new Map<string, PluginExports>();
  return {
    open(tenantId) {
      const found = open.has(tenantId) ? open.get(tenantId) : evaluate();
      open.delete(tenantId);
      open.set(tenantId, found);
      for (const oldest of open.keys()) {
        if (open.size <= max) break;
        open.delete(oldest);
      }
      return found;
    },
    get size() {
      return open.size;
    },
  };
}
